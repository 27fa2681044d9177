import { get, post, remember, remembered, say } from '../api.js';
import { empty, field, figure, form, h, list, more, tag } from '../dom.js';
import { ago, count, median, span, word } from '../words.js';

export const today = {
  name: 'today', title: 'Today', lede: 'What customers said, whom to come back to, and what to try.',
  hears: ['feedback.', 'case.', 'idea.submitted', 'experiment.'],
  async draw(context) {
    const team = context.teams.some((one) => one.id === remembered('team')) ? remembered('team') : '';
    const [page, cases, agenda] = await Promise.allSettled([
      get(`${context.base}/feedback`, { limit: 25, team }),
      get(`${context.base}/cases`, { team, limit: 6, states: 'open,contacted' }),
      team ? get(`${context.base}/teams/${encodeURIComponent(team)}/agenda`) : null,
    ]);
    return [
      teamPicker(context, team),
      h('div.two', null,
        h('div', null, heading('What customers said'), part(page, (value) => words(value, context))),
        h('div', null,
          heading('Write it down'), writing(context, team),
          heading('To come back to'), part(cases, (value) => calls(value, context)),
          team && [heading('For the next huddle'), part(agenda, talk)])),
    ];
  },
};

function heading(text) { return h('section', null, h('h2', null, text)); }

// One service that is down leaves the rest of the page as it is.
function part(outcome, render) {
  return outcome.status === 'fulfilled' ? render(outcome.value) : h('div.trouble', null, outcome.reason.message);
}

function teamPicker(context, team) {
  const choose = h('select', { onchange: (event) => { remember('team', event.target.value); event.target.blur(); context.redraw(); } },
    h('option', { value: '' }, 'all teams'), context.teams.map((one) => h('option', { value: one.id }, one.name)));
  choose.value = team;
  const name = h('input', { value: remembered('name'), placeholder: 'your name', autocomplete: 'name',
    onchange: (event) => remember('name', event.target.value.trim()) });
  return h('p.row', null, h('label.row', null, 'My team', choose), h('label.row', null, 'I am', name));
}

function words(page, context) {
  const fresh = page.feedback.map((one) => context.arrivals.get(one.id)).filter(Boolean);
  // Feedback to eyes: until it is drawn for the first time, not until it was heard of.
  for (const one of fresh) one.seconds ??= Math.max(0, (Date.now() - one.receivedAt) / 1000);
  const arrivals = fresh.map((one) => one.seconds);
  return [
    h('p.why', null, 'Newest first. ', arrivals.length > 0
      && `On your screen ${span(median(arrivals))} after it came in (median of the last ${count(arrivals.length, 'item')}).`),
    list(page.feedback, (one) => h('article', { class: context.arrivals.has(one.id) ? 'card new' : 'card' },
      h('blockquote', null, one.text || '(no words)'),
      h('div.row.between', null,
        h('span.row', null, tag(word(one.channel)), one.signals.map((signal) => tag(word(signal), signal === 'complaint' || signal === 'churnReason' ? 'rose' : signal === 'praise' ? 'sea' : 'amber')),
          one.touchpoint && tag(one.touchpoint)),
        h('span.quiet', null, `${context.teamName(one.team)}, ${ago(one.occurredAt)}`)),
      more('Come back to this customer', h('p.row', null, h('button', {
        onclick: () => say(post(`${context.base}/cases`, { feedback: one.id, ...(one.team && { team: one.team }) }), 'A case is open: it is on the list of calls.'),
      }, 'Open a case')))),
      'Nothing has come in yet. Send feedback to the intake, import a file with ', h('code', null, 'groundswell import'),
      ', or write down what a customer told you.'),
  ];
}

function writing(context, team) {
  const common = team ? { team } : {};
  return h('div.card', null,
    form('Keep it', [field('What a customer told me', 'text', { lines: 3, required: true, maxlength: 4000 })],
      (values) => say(post(`${context.base}/field-notes`, { ...values, ...common }), 'Written down. It joins what other customers said.')),
    more('I did something different for a customer', form('Keep it', [
      field('How it is usually done', 'standard', { required: true }),
      field('What I did instead', 'didInstead', { required: true }), field('What came of it', 'outcome', { required: true }),
    ], (values) => say(post(`${context.base}/adaptations`, { ...values, ...common }), 'Written down. When several people do the same, the process is what has to change.')),
    h('p.why', null, 'Ten seconds, and never held against anyone.')));
}

function calls(all, context) {
  return [
    list(all.cases, (one) => h('article.card', null, h('blockquote', null, one.verbatim),
      h('div.row.between', null, h('span.row', null, tag(word(one.state)), one.missedFirstContact && tag('first contact is late', 'rose')),
        h('span.quiet', null, `${context.teamName(one.team)}, ${one.state === 'open' ? `call ${ago(one.firstContactDue)}` : `resolve ${ago(one.resolveDue)}`}`))),
      'Nobody waits for a call. Open a case from anything that a customer said.'),
    all.total > all.cases.length && h('p.why', null, h('a', { href: '#/cases' }, `All ${count(all.total, 'case')}`)),
  ];
}

function talk(agenda) {
  const lines = [
    [agenda.newFeedback.length, 'new piece of feedback', 'new pieces of feedback'], [agenda.openCases.length, 'open case', 'open cases'],
    [agenda.ideasDue.length, 'idea to decide on', 'ideas to decide on'], [agenda.graves.length, 'grave worth retelling', 'graves worth retelling'],
  ].filter(([size]) => size > 0);
  return lines.length ? h('div.card', null, lines.map(([size, one, many]) => h('p', null, count(size, one, many))),
    agenda.graves.slice(0, 1).map((grave) => h('blockquote', null, grave.lesson)))
    : empty('Nothing is due. Bring one thing that a customer said.');
}
