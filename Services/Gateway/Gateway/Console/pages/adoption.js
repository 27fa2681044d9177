import { get, post, say } from '../api.js';
import { field, figure, form, h, list, more, tag } from '../dom.js';
import { count, number, percent, word } from '../words.js';

const states = ['offered', 'trialled', 'adapted', 'inUse', 'sustained', 'abandoned'];

export const adoption = {
  name: 'adoption', title: 'Adoption', hears: ['adoption.', 'idea.advanced'],
  lede: 'What works spreads: one row for each team and idea, from offered to sustained for 90 days.',
  async draw(context) {
    const { reports } = await get(`${context.base}/adoption`);
    return [h('p.why', null, 'What has spread least stands first: that is where help is needed.'),
      list([...reports].sort((one, other) => one.share - other.share), (one) => report(one, context),
        'Nothing is offered to other teams yet. Implement an idea, have it verified, then offer it.')];
  },
};

function report({ idea, rows, eligible, share, daysToHalf, pooled }, context) {
  return h('article.card', null, h('h2', null, idea.title),
    h('p.row', null, figure(percent(share), `of ${count(eligible, 'team')} that could use it`), daysToHalf !== undefined && figure(number(daysToHalf), 'days until half used it'),
      pooled && figure(`${number(pooled.effect * 100)} points`, `pooled effect of ${count(pooled.teams, 'team')}; the next team may expect ${number(pooled.predictionLow * 100)} to ${number(pooled.predictionHigh * 100)}`)),
    h('div.states', null, rows.map((row) => [h('span', null, context.teamName(row.team)),
      h('span', null, tag(word(row.state), row.state === 'inUse' || row.state === 'sustained' ? 'sea' : row.state === 'abandoned' ? 'rose' : ''),
        h('span.quiet', null, row.fidelity !== undefined && ` keeps ${percent(row.fidelity)} of the core`, row.adaptation && ` – ${row.adaptation}`, row.abandonedReason && ` – ${row.abandonedReason}`))])),
    more('A team’s next step', form('Note it', [
      field('Team', 'team', { choices: context.teams.map((team) => [team.id, team.name]) }), field('Now', 'to', { choices: states.map((one) => [one, word(one)]) }),
      field('What they do differently', 'adaptation'), field('Reason (needed when abandoned)', 'reason')],
      (values) => say(post(`${context.base}/adoption`, { ...values, idea: idea.id }), 'Noted.').then((answer) => answer && context.redraw()))));
}
