import { get, post, say } from '../api.js';
import { field, figure, form, h, list, more, tag } from '../dom.js';
import { ago, count, date, number, percent, word } from '../words.js';

export const cases = {
  name: 'cases', title: 'Loops', hears: ['case.', 'escalation.', 'outerItem.', 'receipt.'],
  lede: 'The inner loop comes back to this customer; the outer loop removes the cause. A loop is closed when the customer was told, the front-liner was told, and the system changed.',
  async draw(context) {
    const [all, outer, closed] = await Promise.all([
      get(`${context.base}/cases`, { limit: 50, states: 'open,contacted,resolved,confirmed' }),
      get(`${context.base}/outer-items`), get(`${context.base}/closures`),
    ]);
    return [
      h('p.row', null, closed.threeReceiptRate !== undefined && h('div.card', null, figure(percent(closed.threeReceiptRate), 'of loops that closed or are due have all three receipts')),
        closed.medianDays !== undefined && h('div.card', null, figure(number(closed.medianDays), 'days to the third receipt, median')),
        outer.answerRate !== undefined && h('div.card', null, figure(percent(outer.answerRate), 'of causes raised were answered in time'))),
      h('section', null, h('h2', null, 'Customers to come back to'), h('p.why', null, `Most urgent first; ${count(all.total, 'case')} under way.`),
        list(all.cases, (one) => item(one, context), 'Nobody waits. A case opens by itself when a complaint, or the wish to leave, is urgent; open one yourself on ', h('a', { href: '#/today' }, 'Today'), '.')),
      h('section', null, h('h2', null, 'Causes raised'), h('p.why', null, 'What is due first stands first. Silence past the date is published.'),
        list(outer.items, (one) => cause(one, context), 'No cause is with the outer loop. Raise one when a team can’t mend it alone.'),
        more('Raise a cause', form('Raise', [field('What has to change', 'title', { required: true }), field('Root cause', 'rootCause'), field('Who could decide', 'owner')],
          (values) => act(context, post(`${context.base}/outer-items`, { ...values, reason: 'raisedByTeam' }), 'Raised. A decision is due in ten business days.')))),
    ];
  },
};

function act(context, promise, done) { return say(promise, done).then((answer) => answer && context.redraw()); }

function item(one, context) {
  const step = (name, more = {}) => act(context, post(`${context.base}/cases/${encodeURIComponent(one.id)}/advance`, { step: name, ...more }), 'Noted.');
  const next = { open: ['contacted', 'I have called'], contacted: ['resolved', 'It is resolved'], resolved: ['confirmed', 'The customer confirmed'] }[one.state];
  const due = one.state === 'open' ? `first contact due ${ago(one.firstContactDue)}` : one.state === 'contacted' ? `to be resolved ${ago(one.resolveDue)}` : `open for ${ago(one.openedAt).replace(' ago', '')}`;
  return h('article.card', null, h('blockquote', null, one.verbatim),
    h('div.row.between', null,
      h('span.row', null, tag(word(one.state)), one.missedFirstContact && tag('first contact came late', 'rose'), one.missedResolve && tag('resolution came late', 'rose'),
        one.reopenedCount > 0 && tag(`reopened ${count(one.reopenedCount, 'time')}`, 'amber'), one.outerItem && tag('with the outer loop')),
      h('span.quiet', null, `${context.teamName(one.team)}, ${due}`)),
    h('p.row', null, next && h('button.go', { onclick: () => step(next[0]) }, next[1])),
    more('Close it', form('Close', [field('Root cause', 'rootCause', { value: one.rootCause ?? '', required: true }), field('What was done about it', 'action', { value: one.action ?? '', required: true })],
      (values) => step('closed', values))));
}

function cause(one, context) {
  const decide = (values) => act(context, post(`${context.base}/outer-items/${encodeURIComponent(one.id)}/decide`,
    { ...values, ...(values.until && { until: new Date(values.until).toISOString() }) }), 'Decided.');
  const told = (receipt, note) => act(context, post(`${context.base}/receipts`, { subject: one.id, receipt, note }), 'Receipt given.');
  return h('article.card', null, h('h2', null, one.title),
    h('p.row', null, tag(word(one.reason)), one.isOverdue && tag('overdue', 'rose'), one.decision && tag(word(one.decision.kind), 'sea'), one.cases.length > 0 && tag(count(one.cases.length, 'case'))),
    one.rootCause && h('p', null, one.rootCause),
    h('p.why', null, one.decision ? `${one.decision.decidedBy} decided ${ago(one.decision.decidedAt)}${one.decision.reason ? `: ${one.decision.reason}` : '.'}`
      : `${one.owner ? `${one.owner} answers` : 'Nobody owns it yet; a decision is due'} by ${date(one.decisionDue)}.`),
    one.decision ? more('Give a receipt', form('Give', [field('Which', 'receipt', { choices: [['customerTold', 'the customer was told'], ['frontLinerTold', 'the front-liner was told'], ['systemChanged', 'the system changed']] }),
      field('What was said, or what changed', 'note', { required: true })], (values) => told(values.receipt, values.note)))
      : more('Decide', form('Decide', [field('What we do', 'kind', { choices: [['fix', 'fix it'], ['test', 'test something'], ['adopt', 'adopt what works'], ['defer', 'defer until a date'], ['decline', 'decline, with a reason']] }),
        field('Reason (needed to decline)', 'reason'), field('Until (needed to defer)', 'until', { type: 'date' })], decide)));
}
