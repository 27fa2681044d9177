import { get, post, remembered, say } from '../api.js';
import { field, form, h, list, more, tag } from '../dom.js';
import { ago, count, date, money, number, percent, word } from '../words.js';
import { near } from './opportunities.js';

export const ideas = {
  name: 'ideas', title: 'Ideas and tests', hears: ['idea.', 'experiment.', 'deadEnd.'],
  lede: 'Anyone may suggest, and anyone may start a small test at once. A test that runs shows no winner: it is decided once, by rules that were written down before.',
  async draw(context) {
    const [all, tests] = await Promise.all([get(`${context.base}/ideas`, { limit: 60 }), get(`${context.base}/experiments`, { limit: 60 })]);
    const running = tests.experiments.filter((one) => one.state === 'running' || one.state === 'awaitingLesson');
    const decided = tests.experiments.filter((one) => !running.includes(one));
    return h('div.two', null,
      h('div', null, h('h2', null, 'Ideas'), h('p.why', null, `Newest first; ${count(all.total, 'idea')} in all.`),
        list(all.ideas, (one) => idea(one, context), 'No idea yet. Take an ', h('a', { href: '#/opportunities' }, 'opportunity'), ' and suggest one small thing.'),
        more('Suggest an idea', form('Suggest', [field('In a few words', 'title', { required: true, maxlength: 200 }), field('What we would do', 'text', { lines: 3, required: true })],
          (values) => say(post(`${context.base}/ideas`, { ...values, ...(remembered('team') && { team: remembered('team') }) }), near)))),
      h('div', null, h('h2', null, 'Tests that run'), h('p.why', null, 'Newest first. What shows is how much has been seen, never who is ahead.'),
        list(running, (one) => test(one, context), 'No test runs. Take an idea and press “Try it”: you need a hypothesis, what would change your mind, and a date.'),
        h('section', null, h('h2', null, 'Tests that are decided'), h('p.why', null, 'Newest first. Confirmed and refuted earn the same credit.'),
          list(decided, (one) => verdict(one, context), 'No test has been decided yet.'))));
  },
};

const steps = { submitted: [['accepted', 'Accept'], ['declined', 'Decline']], accepted: [['implemented', 'It is implemented']], testing: [['implemented', 'It is implemented']], implemented: [['verified', 'Seen in use (another team)']], verified: [['scaled', 'Scale it']] };

function idea(one, context) {
  const path = `${context.base}/ideas/${encodeURIComponent(one.id)}`;
  const act = (promise, done) => say(promise, done).then((answer) => answer && context.redraw());
  const go = (to) => {
    if (to !== 'declined') return act(post(`${path}/advance`, { to }), 'Noted.');
    const reason = prompt('Why? The author will read it.');
    return reason && act(post(`${path}/advance`, { to, reason }), 'Declined, with a reason.');
  };
  return h('article.card', null, h('h2', null, one.title), h('p', null, one.text),
    h('p.row', null, tag(word(one.state), ['implemented', 'verified', 'scaled'].includes(one.state) ? 'sea' : ''), one.needsMergeDecision && tag('is it the same as an earlier one?', 'amber'),
      tag(`${count(one.supporters.length, 'person', 'people')} behind it`), one.nearGraves.length > 0 && h('a', { href: '#/graveyard' }, `${count(one.nearGraves.length, 'grave')} close by`)),
    h('p.why', null, `${one.authorName === one.team ? '' : `${one.authorName}, `}${context.teamName(one.team)}, ${ago(one.submittedAt)}.`, one.declinedReason && ` Declined: ${one.declinedReason}`, one.verifiedBy && ` Verified by ${one.verifiedBy}.`),
    h('p.row', null, (steps[one.state] ?? []).map(([to, label]) => h('button', { onclick: () => go(to) }, label)),
      !['declined', 'merged'].includes(one.state) && h('button', { onclick: () => act(post(`${path}/support`, { supporter: remembered('name') || 'console' }), 'You are behind it.') }, 'I am for it')),
    ['submitted', 'accepted'].includes(one.state) && more('Try it: a small test, at once, without asking', trial(one, context)));
}

// A small test under the licence to try. What would change my mind is written down before anything is seen.
function trial(one, context) {
  const two = (label, name, options) => field(label, name, { required: true, ...options });
  return form('Start', [
    two('Hypothesis', 'hypothesis', { lines: 2 }), two('What would change our mind', 'changeMyMind'), two('What we count (it happened, or it did not)', 'metric'),
    field('Team', 'team', { choices: context.teams.map((team) => [team.id, team.name]), value: one.team ?? undefined }),
    h('div.pair', null, two('How often it happens now, %', 'baseline', { type: 'number', min: 1, max: 99 }), two('Smallest gain worth having, points', 'effect', { type: 'number', min: 1, max: 99 }),
      two('Customers in each group', 'units', { type: 'number', min: 10 })),
    h('div.pair', null, two('At most it may lose', 'loss', { inputmode: 'decimal', pattern: '[0-9]+([.][0-9]+)?' }), two('Currency', 'currency', { value: 'EUR', pattern: '[A-Z]{3}', maxlength: 3 }), two('Review on', 'review', { type: 'date' }))],
    (values) => say(post(`${context.base}/experiments`, {
      idea: one.id, ...(one.opportunity && { opportunity: one.opportunity }), team: values.team, title: one.title, track: 'licence', changeMyMind: values.changeMyMind,
      maximumLoss: { amount: values.loss, currency: values.currency }, blastRadiusCustomers: 2 * Number(values.units), isReversible: true, reviewOn: new Date(values.review).toISOString(),
      preRegistration: { hypothesis: values.hypothesis, unit: 'customer', metric: values.metric, minimumWorthwhileEffect: Number(values.effect) / 100, expectedBaseline: Number(values.baseline) / 100,
        guardrails: [], plannedUnitsPerArm: Number(values.units), mode: 'singleLook', stopRules: [] },
    }), 'Started. Its plan is frozen; it is looked at once, when enough has been seen.').then((answer) => answer && context.redraw()));
}

function test(one, context) {
  const planned = 2 * one.preRegistration.plannedUnitsPerArm, path = `${context.base}/experiments/${encodeURIComponent(one.id)}`;
  const label = `${one.observedUnits} of ${planned} planned units seen`;
  return h('article.card', null, h('h2', null, one.title), h('p', null, one.preRegistration.hypothesis),
    h('progress', { max: planned, value: Math.min(one.observedUnits, planned), 'aria-label': label }),
    h('p.why', null, `${label}. Review on ${date(one.reviewOn)}; at most ${money(one.maximumLoss)} and ${count(one.blastRadiusCustomers, 'customer')} at risk.`),
    h('p.row', null, tag(one.track === 'licence' ? 'licence to try' : 'pilot'), one.deadEndRisk.map((risk) => tag(word(risk), 'amber')), h('span.quiet', null, context.teamName(one.team))),
    more('Take the look, or stop',
      form('Take the look', [field('What we learned', 'lesson', { lines: 2, required: true })], (values) => say(post(`${path}/conclude`, values), (answer) => answer.verdict?.explanation ?? 'It needs more units before it can be decided.').then((answer) => answer && context.redraw())),
      form('Stop without a verdict', [field('Why', 'reason', { required: true })], (values) => say(post(`${path}/stop`, values), 'Stopped.').then((answer) => answer && context.redraw()))));
}

function verdict(one, context) {
  const outcome = one.verdict?.outcome;
  return h('article.card', null, h('h2', null, one.title),
    h('p.row', null, outcome ? tag(outcome, outcome === 'confirmed' ? 'sea' : outcome === 'harmful' ? 'rose' : '') : tag('stopped'), h('span.quiet', null, `${context.teamName(one.team)}, ${one.concludedAt ? ago(one.concludedAt) : ''}`)),
    one.lesson && h('blockquote', null, one.lesson), one.verdict && h('p.why', null, one.verdict.explanation),
    one.verdict && more('The figures', h('p', null, `Treatment ${one.verdict.treatment.happened} of ${one.verdict.treatment.units}, control ${one.verdict.control.happened} of ${one.verdict.control.units}; difference ${number(one.verdict.effect * 100)} points; `
      + `P(better) ${percent(one.verdict.probabilityAboveZero)}, P(worth having) ${percent(one.verdict.probabilityAboveWorthwhile)}.`)));
}
