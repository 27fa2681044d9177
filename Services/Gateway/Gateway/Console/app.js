// Finds the page that the address names, and keeps it alive with events.
import { get, notice, remember, remembered } from './api.js';
import { empty, h } from './dom.js';
import { adoption } from './pages/adoption.js';
import { cases } from './pages/cases.js';
import { goals } from './pages/goals.js';
import { graveyard } from './pages/graveyard.js';
import { ideas } from './pages/ideas.js';
import { operations } from './pages/operations.js';
import { opportunities } from './pages/opportunities.js';
import { scores } from './pages/scores.js';
import { teams } from './pages/teams.js';
import { today } from './pages/today.js';
import { tried } from './pages/tried.js';

const pages = [today, opportunities, ideas, graveyard, tried, null, cases, adoption, teams, goals, null, scores, operations];
const main = document.getElementById('main'), links = document.getElementById('links');
const picker = document.getElementById('programme');
const state = { directory: { programmes: [], teams: [], employees: [] }, programme: '', page: null, drawing: 0 };

function context() {
  const id = state.programme;
  return {
    programme: id, base: `/programmes/${encodeURIComponent(id)}`, arrivals: state.arrivals,
    teams: state.directory.teams.filter((team) => team.programme === id),
    teamName: (team) => state.directory.teams.find((one) => one.programme === id && one.id === team)?.name ?? team ?? 'no team',
    redraw: () => draw(),
  };
}

function drawLinks() {
  links.replaceChildren(...pages.map((page) => page
    ? h('a', { href: `#/${page.name}`, 'aria-current': page === state.page && 'page' }, page.title) : h('hr')));
  // On a phone the links are a row that scrolls.
  links.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

// A page that is being written on is not pulled away from under the writer.
const isBusy = () => main.contains(document.activeElement)
  && ['INPUT', 'TEXTAREA', 'SELECT'].includes(document.activeElement.tagName);

async function draw(isFresh = false) {
  const number = ++state.drawing, page = state.page;
  const opened = new Set([...main.querySelectorAll('details[open]')].map((one) => one.dataset.key).filter(Boolean));
  if (!state.programme && page !== operations) {
    main.replaceChildren(h('h1', null, page.title), noProgramme());
    return;
  }
  if (isFresh) main.replaceChildren(h('h1', null, page.title), h('p.lede', null, page.lede), h('p.quiet', null, 'Reading …'));
  let content;
  try {
    content = await page.draw(context());
  } catch (problem) {
    content = [h('div.trouble', null, h('p', null, problem.message), h('button', { onclick: () => draw() }, 'Try again'))];
    clearTimeout(state.again);
    state.again = setTimeout(() => { if (state.page === page) draw(); }, 5000);
  }
  if (number !== state.drawing || page !== state.page || (!isFresh && isBusy())) return;
  main.replaceChildren(h('h1', null, page.title), h('p.lede', null, page.lede), ...[content].flat(9).filter(Boolean));
  for (const details of main.querySelectorAll('details')) if (opened.has(details.dataset.key)) details.open = true;
}

function noProgramme() {
  return empty('There is no programme yet. Import feedback with ', h('code', null, 'groundswell import … --create'),
    ', or load the bundled sample with ', h('code', null, 'deploy/up --sample'), '.');
}

function go() {
  const name = location.hash.slice(2).split('/')[0];
  state.page = pages.find((page) => page?.name === name) ?? today;
  document.title = `${state.page.title} – Groundswell`;
  drawLinks();
  draw(true).then(() => main.focus({ preventScroll: true }));
}

// Live events: the page is read anew shortly after something that it shows has changed.
function follow() {
  state.source?.close();
  state.arrivals = new Map();
  if (!state.programme) return;
  const source = state.source = new EventSource(`/api/v1/stream?programme=${encodeURIComponent(state.programme)}`);
  const heard = (event) => {
    if (event.type === 'feedback.recorded') {
      const { body } = JSON.parse(event.data);
      state.arrivals.set(body.feedback.id, { receivedAt: new Date(body.feedback.receivedAt) });
      if (state.arrivals.size > 500) state.arrivals.delete(state.arrivals.keys().next().value);
    }
    if (!state.page?.hears?.some((prefix) => event.type.startsWith(prefix))) return;
    clearTimeout(state.soon);
    state.soon = setTimeout(() => draw(), 400);
  };
  for (const type of ['feedback.recorded', 'feedback.revised', 'feedback.erased', 'opportunity.opened', 'opportunity.grown',
    'opportunity.merged', 'opportunity.split', 'opportunity.curated', 'disruption.detected', 'credit.awarded',
    'ranking.published', 'case.opened', 'case.advanced', 'escalation.raised', 'outerItem.advanced', 'receipt.given',
    'idea.submitted', 'idea.advanced', 'idea.merged', 'experiment.started', 'experiment.concluded', 'experiment.stopped',
    'grave.dug', 'grave.visited', 'lesson.reused', 'adoption.changed', 'goal.set', 'goal.progressed', 'goal.achieved',
    'goal.ended', 'tunnelVision.flagged', 'ledger.posted', 'partnership.agreed', 'huddle.held']) {
    source.addEventListener(type, heard);
  }
  // Too far behind: what was missed is read with the page.
  source.addEventListener('dropped', () => { source.close(); setTimeout(() => { follow(); draw(); }, 1000); });
}

async function readDirectory() {
  state.directory = await get('/programmes');
  const all = state.directory.programmes;
  const known = all.some((one) => one.id === remembered('programme'));
  state.programme = known ? remembered('programme') : all[0]?.id ?? '';
  picker.replaceChildren(...(all.length ? all.map((one) => h('option', { value: one.id }, one.name))
    : [h('option', { value: '' }, 'none yet')]));
  picker.value = state.programme;
}

picker.addEventListener('change', () => {
  remember('programme', picker.value);
  state.programme = picker.value;
  follow();
  draw(true);
});
addEventListener('hashchange', go);
try { await readDirectory(); } catch (problem) { notice(problem.message); }
follow();
go();
