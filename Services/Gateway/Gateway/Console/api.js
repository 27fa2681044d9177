// Talks to the REST API. Reads what was just written: the position of each change is sent along with later requests.
import { h } from './dom.js';

const positions = new Map();

export class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.reason = problem.reason;
    this.field = problem.field;
  }
}

const key = (name) => `groundswell.${name}`;
export const remembered = (name) => localStorage.getItem(key(name)) ?? '';
export const remember = (name, value) => localStorage.setItem(key(name), value);

function headers() {
  const all = { 'Groundswell-Actor': encodeURIComponent(JSON.stringify({
    role: 'frontLine', name: remembered('name') || 'console', ...(remembered('team') && { team: remembered('team') }),
  })) };
  // Whatever is older has long been applied, or its service is down and would only be waited for.
  for (const [stream, position] of positions) if (Date.now() - position.time > 15000) positions.delete(stream);
  if (positions.size) all['Groundswell-After'] = [...positions.values()].map((position) => position.text).join(', ');
  return all;
}

async function ask(path, init) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch {
    throw new Problem(0, { detail: 'The gateway doesn’t answer. Is it running? This page tries again by itself.' });
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    // A service that was put back to an earlier state never reaches a position of the history that it has left.
    if (response.status === 504) positions.clear();
    throw new Problem(response.status, body);
  }
  const position = response.headers.get('Groundswell-Position');
  for (const text of position?.split(/, */) ?? []) positions.set(text.slice(0, text.lastIndexOf('/')), { text, time: Date.now() });
  return body;
}

export function get(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') query.append(name, value);
  }
  const text = query.toString();
  return ask(text ? `${path}?${text}` : path, { headers: headers() });
}

function change(method, path, body) {
  return ask(path, {
    method, body: JSON.stringify(body),
    headers: { ...headers(), 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` },
  });
}
export const post = (path, body = {}) => change('POST', path, body);
export const put = (path, body = {}) => change('PUT', path, body);

// A change with a word for people, whichever way it goes; false when it failed.
export async function say(promise, done) {
  try {
    const answer = await promise;
    notice(typeof done === 'function' ? done(answer) : done);
    return answer;
  } catch (problem) {
    notice(problem.message);
    return false;
  }
}

let timer;
export function notice(text) {
  const place = document.getElementById('notice');
  place.replaceChildren(h('p', null, text));
  clearTimeout(timer);
  timer = setTimeout(() => place.replaceChildren(), 9000);
}
