import { get } from '../api.js';
import { h, list, tag } from '../dom.js';
import { ago, count, percent, word } from '../words.js';

export const operations = {
  name: 'operations', title: 'Operations', hears: [],
  lede: 'How each service is doing, and how much of what happens we hear of. A service that is down catches up by itself when it is back.',
  async draw(context) {
    const health = await get('/health');
    const coverage = context.programme ? await get(`${context.base}/coverage`).catch(() => null) : null;
    return [
      h('p.why', null, 'In the order in which feedback flows through them.'),
      list(health.services, service, 'No service is known.'),
      h('section', null, h('h2', null, 'Coverage'), h('p.why', null, 'Contacts with at least one signal, of all contacts that were counted. A channel that falls silent says so.'),
        coverage ? channels(coverage) : h('p.empty', null, context.programme ? 'Ingestion doesn’t answer at the moment.' : 'Choose a programme to see its channels.')),
    ];
  },
};

// ranking, and ranking/1 where it is the second instance, as the command line names them.
const numbered = (name, instance) => (instance ? `${name}/${instance}` : name);

function service({ service: name, instance, isAnswering, status, problem }) {
  return h('article.card', null,
    h('div.row.between', null, h('h2', null, numbered(name, instance)), h(isAnswering ? 'span.light.ok' : 'span.light.down', null, isAnswering ? '● answers' : '○ doesn’t answer')),
    problem && h('p', null, problem),
    status && h('p.why', null, `Version ${status.version}, started ${ago(status.startedAt)}. ${count(status.queueDepth, 'change')} waiting.`),
    status && status.deadLetters > 0 && h('p.row', null, tag(`${count(status.deadLetters, 'event')} set aside`, 'amber'), h('span.quiet', null, 'See groundswell dead-letters.')),
    status && status.upstreams.length > 0 && h('div.scroll', null, h('table', null,
      h('thead', null, h('tr', null, h('th', null, 'Follows'), h('th', null, 'State'), h('th.n', null, 'Behind'))),
      h('tbody', null, status.upstreams.map((one) => h('tr', null, h('td', null, numbered(one.stream, one.instance)), h('td', null, one.problem ? `${one.state}: ${one.problem}` : one.state),
        h('td.n', null, one.head === undefined ? 'not heard of' : count(Math.max(0, one.head - (one.position ?? 0)), 'record'))))))),
    status && h('p.quiet', null, status.heads.map((head) => `${head.stream}: ${count(head.position, 'record')}`).join(' · ')));
}

function channels({ channels: all }) {
  return all.length ? h('div.scroll', null, h('table', null, h('thead', null, h('tr', null, h('th', null, 'Channel'), h('th.n', null, 'Items'), h('th.n', null, 'Coverage'), h('th', null, 'Last heard'))),
    h('tbody', null, all.map((one) => h('tr', null, h('td', null, word(one.channel)), h('td.n', null, one.feedback), h('td.n', null, one.interactions ? percent(one.interactionsWithSignal / one.interactions) : 'contacts not counted'),
      h('td', null, one.lastReceivedAt ? ago(one.lastReceivedAt) : 'never', ' ', one.isSilent && tag('silent', 'rose')))))))
    : h('p.empty', null, 'Nothing has come in yet.');
}
