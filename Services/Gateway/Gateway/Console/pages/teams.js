import { get } from '../api.js';
import { funnel } from '../charts.js';
import { empty, h, tag } from '../dom.js';
import { ago, count, number, rate, word } from '../words.js';

const order = ['farAbove', 'above', 'within', 'below', 'farBelow'];

export const teams = {
  name: 'teams', title: 'Teams', hears: ['ranking.', 'credit.'],
  lede: 'By ideas suggested, tested, implemented and spread, never by scores. Inside the lines, differences are chance.',
  async draw(context) {
    const all = await get(`${context.base}/standings`);
    const shown = all.standings.filter((team) => team.exposureFTEMonths > 0);
    if (!all.standings.length) return empty('No team has done anything that counts yet. Suggest an idea or start a small test.');
    return [
      shown.length > 0 && h('div.card.scroll', null, funnel(shown, all.meanRate, all.dispersion ?? 1)),
      h('p.why', null, `Over the last ${count(all.windowDays, 'day')}. Grouped by band, and by name inside a band: a place is shown only where it is certain (80 %). Teams under five people are shown together.`),
      h('div.scroll', null, h('table', null,
        h('thead', null, h('tr', null, h('th', null, 'Team'), h('th', null, 'Band'), h('th.n', null, 'Credits'), h('th.n', null, 'FTE-months'), h('th', null, 'Credits per FTE-month (95 % interval)'), h('th', null, 'What for'))),
        h('tbody', null, [...all.standings].sort((one, other) => order.indexOf(one.band) - order.indexOf(other.band) || one.name.localeCompare(other.name)).map((team) => row(team, context))))),
    ];
  },
};

function row(team, context) {
  const place = h('div', null, h('p.quiet', null, 'Reading …'));
  let isRead = false;
  const details = h('details', { 'data-key': `team-${team.team}`, ontoggle: async () => {
    if (!details.open || isRead) return;
    isRead = true;
    try {
      const { credits } = await get(`${context.base}/credits`, { team: team.team, limit: 50 });
      place.replaceChildren(credits.length ? h('ul', null, credits.map((one) => h('li', null, `${number(one.amount)} – ${one.note} (${word(one.reason)}, ${ago(one.at)}) `, h('code.kind', null, one.cause)))) : h('p', null, 'No credits in this window.'));
    } catch (problem) { place.replaceChildren(h('div.trouble', null, problem.message)); }
  } }, h('summary', null, Object.entries(team.counts).map(([kind, size]) => `${size} ${word(kind)}`).join(', ') || 'deeds'), place);
  return h('tr', null, h('td', null, team.name, team.isPooled && ' (several small teams)'),
    h('td', null, tag(word(team.band), team.band === 'above' || team.band === 'farAbove' ? 'sea' : ''), team.place && ` place ${team.place}`),
    h('td.n', null, number(team.credits)), h('td.n', null, number(team.exposureFTEMonths)),
    h('td.fix', null, `${rate(team.rate)} (${rate(team.rateLow)} to ${rate(team.rateHigh)})`), h('td', null, details));
}
