import { get, post, say } from '../api.js';
import { field, figure, form, h, list, more, tag } from '../dom.js';
import { count, date, money, percent, word } from '../words.js';

const kinds = ['suggest', 'test', 'implement', 'adopt', 'shareLesson', 'closeLoop', 'coach', 'holdHuddle'];

export const goals = {
  name: 'goals', title: 'Goals', hears: ['goal.', 'tunnelVision.', 'ledger.', 'partnership.', 'safeHarbour.'],
  lede: 'Goals are set on what people do: suggest, test, implement, adopt, share, close, coach, meet. A target on a score can’t be set. Refuted tests count in full.',
  async draw(context) {
    const [all, vision, ledger] = await Promise.all([get(`${context.base}/goals`), get(`${context.base}/tunnel-vision`), get(`${context.base}/ledger`)]);
    return [
      vision.warnings.map((text) => h('div.trouble', null, text)),
      h('p.why', null, 'The ones that end last stand first.'),
      list(all.goals, (one) => card(one, context), 'No goal yet. Set one on something that the team does, not on what customers answer.'),
      more('Set a goal', form('Set', [
        field('What we do', 'kind', { choices: kinds.map((kind) => [kind, word(kind)]) }), field('In our own words', 'behaviour', { required: true, maxlength: 400 }),
        field('Team', 'team', { choices: [['', 'all teams together'], ...context.teams.map((team) => [team.id, team.name])] }),
        h('div.pair', null, field('Target', 'target', { type: 'number', min: 1, required: true }), field('Nothing below', 'floor', { type: 'number', min: 0 }), field('Until', 'until', { type: 'date', required: true })),
        field('What must not suffer for it', 'counterMetric', { required: true, placeholder: 'reopened cases' }),
        h('div.pair', null, field('Reward', 'amount', { inputmode: 'decimal', placeholder: '250.00', pattern: '[0-9]+([.][0-9]+)?' }), field('Currency', 'currency', { placeholder: 'EUR', maxlength: 3, pattern: '[A-Z]{3}' })),
      ], (values) => set(values, context))),
      partners(ledger, context),
    ];
  },
};

function set({ amount, currency, target, floor, until, ...rest }, context) {
  const request = { ...rest, target: Number(target), until: new Date(until).toISOString() };
  if (floor) request.floor = Number(floor);
  if (amount) request.reward = { monetary: { amount, currency: currency ?? 'EUR' } };
  return say(post(`${context.base}/goals`, request), 'Set. Deeds count from now on.').then((answer) => answer && context.redraw() && answer);
}

function card({ goal, ratio, payout, evidence }, context) {
  const label = `${goal.progress} of ${goal.target}`;
  return h('article.card', null,
    h('div.row.between', null, h('h2', null, goal.behaviour), h('span.row', null, tag(word(goal.kind)), tag(goal.state, goal.state === 'achieved' ? 'sea' : ''))),
    h('progress', { max: goal.target, value: Math.min(goal.progress, goal.target), 'aria-label': label }),
    h('p.why', null, `${label} (${percent(ratio)}) by ${goal.team ? context.teamName(goal.team) : 'all teams'}, ${date(goal.from)} to ${date(goal.until)}. `,
      payout && `Brings ${money(payout)} so far, at most ${goal.capRatio} × ${money(goal.reward.monetary)}${goal.floor ? `, nothing below ${goal.floor}` : ''}. `, `Watched beside it: ${goal.counterMetric}.`),
    evidence.length > 0 && more(`${count(evidence.length, 'newest deed')} behind the figure`, h('ul', null, evidence.map((one) => h('li', null, h('code', null, one))))),
    goal.state === 'running' && h('p.row', null, h('button', { onclick: () => say(post(`${context.base}/goals/${encodeURIComponent(goal.id)}/withdraw`), 'Withdrawn.').then((answer) => answer && context.redraw()) }, 'Withdraw')));
}

function partners(ledger, context) {
  const act = (promise, done) => say(promise, done).then((answer) => answer && context.redraw() && answer);
  return h('section', null, h('h2', null, 'Partnership'), h('p.why', null, 'One ledger that both sides read, newest entry first. Every entry sums to zero.'),
    list(ledger.partnerships, (one) => h('article.card', null,
      h('p.row', null, one.parties.map((party) => figure(party.name, `bears ${party.riskPercent} % of losses, gets ${party.gainPercent} % of gains`))),
      h('p.why', null, `Of a risk budget of ${money(one.riskBudget)}, ${money(ledger.riskBudgetLeft[one.id])} are left.`),
      more('Share out a gain or a loss', form('Post', [field('Amount (a loss with a minus)', 'amount', { required: true, pattern: '-?[0-9]+([.][0-9]+)?' }), field('What for', 'text', { required: true })],
        ({ amount, text }) => act(post(`${context.base}/ledger`, { partnership: one.id, amount: { amount, currency: one.riskBudget.currency }, text }), 'Posted: each side has its share.')))),
      'No partnership is agreed. Brand and provider can share what is risked and what is gained: agree on it below.'),
    ledger.entries.length > 0 && h('div.scroll', null, h('table', null, h('thead', null, h('tr', null, h('th', null, 'When'), h('th', null, 'What'), h('th', null, 'Postings'))),
      h('tbody', null, ledger.entries.map((entry) => h('tr', null, h('td', null, date(entry.at)), h('td', null, entry.text), h('td', null, entry.postings.map((one) => `${one.account} ${money(one.amount)}`).join(' · '))))))),
    ledger.safeHarbours.length > 0 && [h('h3', null, 'Safe harbours'), h('ul', null, ledger.safeHarbours.map((one) => h('li', null, `${one.cohort}: ${one.waivedMetrics.join(', ')} until ${date(one.until)}`)))],
    more('Agree on a partnership', form('Agree', [
      h('div.pair', null, field('First party', 'one', { required: true }), field('bears, % of losses', 'oneRisk', { type: 'number', min: 0, max: 100, required: true }), field('gets, % of gains', 'oneGain', { type: 'number', min: 0, max: 100, required: true })),
      field('Second party (bears and gets the rest)', 'other', { required: true }),
      h('div.pair', null, field('Risk budget', 'budget', { required: true, pattern: '[0-9]+([.][0-9]+)?' }), field('Currency', 'currency', { value: 'EUR', pattern: '[A-Z]{3}', maxlength: 3, required: true }))],
      (values) => act(post(`${context.base}/partnerships`, { riskBudget: { amount: values.budget, currency: values.currency }, parties: [
        { name: values.one, riskPercent: Number(values.oneRisk), gainPercent: Number(values.oneGain) },
        { name: values.other, riskPercent: 100 - Number(values.oneRisk), gainPercent: 100 - Number(values.oneGain) }] }), 'Agreed.'))));
}
