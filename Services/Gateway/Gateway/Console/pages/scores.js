import { get } from '../api.js';
import { weekBars } from '../charts.js';
import { empty, figure, h } from '../dom.js';
import { count, date, number, word } from '../words.js';

export const scores = {
  name: 'scores', title: 'Scores', hears: [],
  lede: 'A thermometer, no more: no rank, no goal and no reward depends on what stands here.',
  async draw(context) {
    const { weeks } = await get(`${context.base}/scores`);
    const kinds = [...new Set(weeks.map((week) => week.kind))];
    if (!kinds.length) return empty('No score has come in over the last 26 weeks. Feedback works without them.');
    return kinds.map((kind) => one(kind, weeks.filter((week) => week.kind === kind)));
  },
};

function one(kind, parts) {
  const byWeek = new Map();
  for (const part of parts) {
    const week = byWeek.get(part.from) ?? { from: part.from, label: date(part.from), count: 0, total: 0, low: 0, high: 0 };
    week.count += part.count; week.total += part.meanShare * part.count; week.low += part.low; week.high += part.high;
    byWeek.set(part.from, week);
  }
  const weeks = [...byWeek.values()].map((week) => ({ ...week, meanShare: week.total / week.count }));
  const last = weeks.at(-1), all = weeks.reduce((sum, week) => sum + week.count, 0);
  const value = kind === 'NPS' ? number(100 * (last.high - last.low) / last.count) : `${number(last.meanShare * 100)} of 100`;
  const channels = [...new Set(parts.map((part) => word(part.channel)))].join(', ');
  return h('section', null, h('h2', null, kind === 'stars' ? 'Stars' : kind),
    h('div.card.row', null, figure(value, `week of ${last.label}, ${count(last.count, 'answer')}`), weekBars(weeks, `${kind} by week over ${count(weeks.length, 'week')}`)),
    h('p.why', null, `Dots: mean place on the scale; bars: how many answered. ${count(all, 'answer')} from ${channels}.`));
}
