// Numbers and times in words. A number never stands without what it counts.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const count = (value, one, many = `${one}s`) => `${whole.format(value)} ${value === 1 ? one : many}`;
export const number = (value) => tenth.format(value);
// Small rates keep two digits that mean something.
export const rate = (value) => new Intl.NumberFormat('en', { maximumSignificantDigits: 2 }).format(value);
export const percent = (share) => `${whole.format(share * 100)} %`;
// Amounts stay text to the last digit: as a number they would be rounded.
export const money = (amount) => amount
  ? new Intl.NumberFormat('en', { style: 'currency', currency: amount.currency, currencyDisplay: 'code' }).format(amount.amount) : '';
export const date = (text) => new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(new Date(text));
export const moment = (text) =>
  new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(text));

export function ago(text, now = Date.now()) {
  const seconds = (now - new Date(text)) / 1000;
  const past = seconds >= 0, size = Math.abs(seconds);
  const words = size < 60 ? 'less than a minute' : size < 5400 ? count(Math.round(size / 60), 'minute')
    : size < 129600 ? count(Math.round(size / 3600), 'hour') : count(Math.round(size / 86400), 'day');
  return past ? `${words} ago` : `in ${words}`;
}

export function span(seconds) {
  return seconds < 90 ? `${tenth.format(seconds)} s` : seconds < 5400 ? count(Math.round(seconds / 60), 'minute')
    : seconds < 129600 ? count(Math.round(seconds / 3600), 'hour') : count(Math.round(seconds / 86400), 'day');
}

const plain = {
  fieldNote: 'field note', adaptation: 'adaptation', churnReason: 'reason to leave', inUse: 'in use',
  closeLoop: 'close the loop', shareLesson: 'share a lesson', holdHuddle: 'hold huddles', raisedByTeam: 'raised by the team',
  raisedByHuddle: 'raised at a huddle', beyondTeamControl: 'beyond the team’s control', reopenedTwice: 'reopened twice',
  sameCause: 'same cause in several teams', unusualVolume: 'more of it than usual', farAbove: 'far above', farBelow: 'far below',
  within: 'as chance has it', singleLook: 'one look', awaitingLesson: 'waiting for its lesson', concludedTest: 'concluded test',
  lessonReused: 'lesson reused', adoptedByOthers: 'adopted by others', noCase: 'no value case', lowAdoption: 'few take it up',
  nothingEvaluable: 'nothing to evaluate', noOwner: 'no owner', licence: 'under the licence to try',
};
export const word = (raw) => plain[raw] ?? raw;

export function median(values) {
  if (!values.length) return null;
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
