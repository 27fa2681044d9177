import { get, post, say } from '../api.js';
import { sparkline } from '../charts.js';
import { field, figure, form, h, list, more, tag } from '../dom.js';
import { ago, count, date, percent, word } from '../words.js';

const channels = ['survey', 'complaint', 'call', 'chat', 'email', 'review', 'social', 'visit', 'fieldNote', 'adaptation', 'other'];
const seen = new Set();

export const opportunities = {
  name: 'opportunities', title: 'Opportunities', hears: ['opportunity.', 'idea.submitted'],
  lede: 'What customers keep asking us to change, most valuable first. One in five is here so that weak signals get a chance.',
  async draw(context) {
    const all = await get(`${context.base}/opportunities`, { limit: 30 });
    const isFirst = seen.size === 0;
    const content = [
      all.total > 0 && h('p.why', null, `${count(all.opportunities.length, 'theme')} of ${all.total}, from ${count(all.items, 'item')}; `
        + `${all.items ? percent(all.unthemedItems / all.items) : '0 %'} belong to no theme. In order of reach × severity × confidence ÷ effort, plus growth.`),
      list(all.opportunities, (one) => card(one, context, !isFirst && !seen.has(one.opportunity.id)),
        'No theme yet: it takes a few customers who say the same. Import feedback, or write down what you hear on ', h('a', { href: '#/today' }, 'Today'), '.'),
    ];
    for (const one of all.opportunities) seen.add(one.opportunity.id);
    return content;
  },
};

function trend(opportunity) {
  const { low, high } = opportunity.trend;
  return low > 1 ? tag('rising', 'sea') : high < 1 ? tag('falling') : tag('steady');
}

function card({ opportunity, isExploration, because }, context, isNew) {
  const found = new Set(opportunity.breadth.channels), quote = opportunity.quotes[0];
  return h('article', { class: isNew ? 'card opp new' : 'card opp' },
    h('div', null, h('h2', null, opportunity.title), quote && h('blockquote', null, quote.text), h('p.why', null, because)),
    h('div', null, figure(opportunity.reach, `${opportunity.reach === 1 ? 'customer' : 'customers'} since ${date(opportunity.openedAt)}`),
      sparkline(opportunity.weeklyItems, `Items a week over ${count(opportunity.weeklyItems.length, 'week')}, now ${opportunity.weeklyItems.at(-1) ?? 0}`)),
    h('div', null, h('p.row', null, trend(opportunity), isExploration && tag('exploration', 'amber'), opportunity.isPinned && tag('pinned')),
      h('div.breadth', { role: 'img', 'aria-label': `Seen in ${found.size} of ${channels.length} channels: ${[...found].map(word).join(', ')}` },
        channels.map((channel) => h(found.has(channel) ? 'i.on' : 'i', { title: word(channel) }))),
      h('p.why', null, `${count(opportunity.breadth.teams.length, 'team')}. `, opportunity.ideas.length ? `${count(opportunity.ideas.length, 'idea')}.` : 'No idea yet.',
        opportunity.recurrence > 0 && ` ${percent(opportunity.recurrence)} came back with it.`)),
    details(opportunity, context));
}

function details(opportunity, context) {
  let isRead = false;
  const place = h('div', null, h('p.quiet', null, 'Reading …')), path = `${context.base}/opportunities/${encodeURIComponent(opportunity.id)}`;
  const element = h('details.more', { 'data-key': `opportunity-${opportunity.id}`, ontoggle: async () => {
    if (!element.open || isRead) return;
    isRead = true;
    try {
      const { evidence } = await get(path, { limit: 25 });
      place.replaceChildren(h('p.why', null, `The newest ${count(evidence.length, 'thing')} that customers said about it.`),
        list(evidence, (quote) => h('div', null, h('blockquote', null, quote.text),
          h('p.quiet', null, `${word(quote.channel)}, ${context.teamName(quote.team)}, ${ago(quote.occurredAt)}`)), 'Its evidence was erased.'));
    } catch (problem) { place.replaceChildren(h('div.trouble', null, problem.message)); }
  } }, h('summary', null, 'Evidence, and what to do about it'), h('div.two', null, place, h('div', null, actions(opportunity, path, context))));
  return element;
}

function actions(opportunity, path, context) {
  const act = (name, body, done) => say(post(`${path}/${name}`, body), done).then((answer) => answer && context.redraw());
  return [
    h('h3', null, 'Suggest an idea'),
    form('Suggest', [field('In a few words', 'title', { required: true, maxlength: 200 }), field('What we would do', 'text', { lines: 3, required: true })],
      (values) => say(post(`${context.base}/ideas`, { ...values, opportunity: opportunity.id }), near)),
    more('Rename, pin, mute, estimate',
      form('Rename', [field('Name', 'title', { value: opportunity.title, required: true })], (values) => act('rename', values, 'Renamed.')),
      h('p.row', null,
        h('button', { onclick: () => act('pin', { isPinned: !opportunity.isPinned }, opportunity.isPinned ? 'Let go.' : 'Pinned.') }, opportunity.isPinned ? 'Unpin' : 'Pin'),
        h('button', { onclick: () => act('mute', { isMuted: true }, 'Muted: it leaves the list, its evidence stays.') }, 'Mute')),
      form('Estimate', [field('Effort in person-days', 'effortPersonDays', { type: 'number', min: '0.1', step: 'any', required: true })],
        (values) => act('estimate', { effortPersonDays: Number(values.effortPersonDays) }, 'Estimated.'))),
  ];
}

export function near(answer) {
  const [grave] = answer.graves, [similar] = answer.similar;
  return `Suggested.${grave ? ` Somebody tried something like it: “${grave.name}”. Its lesson: ${grave.lesson}` : ''}`
    + (similar ? ` Close to it: “${similar.title}”.` : '');
}
