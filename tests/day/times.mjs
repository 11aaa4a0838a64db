// The simulated day: from the morning to the noon of the next, so that what came in on the first can
// be brought home. A Tuesday without holidays around it.
export const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;
const DAY = Date.parse('2026-03-10T00:00:00+07:00');
export const clock_time = (hours) => DAY + hours * HOUR;
export const BEGIN = clock_time(6), END = clock_time(36);
