import { get } from '../api.js';
import { h, list } from '../dom.js';
import { date } from '../words.js';

export const tried = {
  name: 'tried', title: 'What we tried', hears: ['experiment.', 'grave.'],
  lede: 'The week in tests. What worked and what did not have the same room, each with its lesson.',
  async draw(context) {
    const week = await get(`${context.base}/digest`, { week: new Date().toISOString() });
    const entry = (one) => h('article.card', null, h('h2', null, one.title), h('blockquote', null, one.lesson), h('p.quiet', null, context.teamName(one.team)));
    return [
      h('p.why', null, `${date(week.from)} to ${date(week.until)}.`),
      h('div.two.even', null,
        h('div', null, h('h2', null, 'It did not work, and taught us'), list(week.didNotWork, entry, 'Nothing failed this week. Did we try enough?')),
        h('div', null, h('h2', null, 'It worked'), list(week.worked, entry, 'Nothing was confirmed this week.'))),
      h('section', null, h('h2', null, 'Started'), list(week.started, (one) => h('article.card', null, h('h2', null, one.title), h('p', null, one.preRegistration.hypothesis)), 'No test was started. Anyone may: take an ', h('a', { href: '#/opportunities' }, 'opportunity'), '.')),
      week.thanks.length > 0 && h('section', null, h('h2', null, 'Thanks'), h('ul', null, week.thanks.map((text) => h('li', null, text)))),
    ];
  },
};
