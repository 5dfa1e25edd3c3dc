import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff } from '#src/kernel/backoff.ts';
import {
  dateOf,
  daysBetween,
  isTimeZone,
  nowMs,
  parseDate,
  parseDuration,
  startOfDayMs,
  startOfTomorrowMs,
  systemClock,
  todayIn,
} from '#src/kernel/time.ts';

const HOUR = 3_600_000;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'America/St_Johns',
];
const epoch = Temporal.PlainDate.from('2015-01-01');
const date = fc.integer({ min: 0, max: 365 * 25 }).map((days) => epoch.add({ days }).toString());
const at = (moment: string) => ({ now: () => Temporal.Instant.from(moment) });

describe('civil dates', () => {
  test('a day begins at its first moment and not a millisecond earlier, in every zone', () => {
    fc.assert(
      fc.property(date, fc.constantFrom(...zones), (day, zone) => {
        const start = startOfDayMs(day, zone);
        expect(dateOf(start, zone)).toBe(day);
        expect(daysBetween(dateOf(start - 1, zone), day)).toBe(1);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['2026-03-29', 'Europe/Berlin', 23],
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-03-08', 'America/New_York', 23],
    ['2026-11-01', 'America/New_York', 25],
    ['2026-06-15', 'Europe/Berlin', 24],
    // Clocks go forward at midnight: the day has no 00:00.
    ['2026-04-24', 'Africa/Cairo', 23],
  ])('%s in %s has %i hours', (day, zone, hours) => {
    const next = Temporal.PlainDate.from(day).add({ days: 1 }).toString();
    expect((startOfDayMs(next, zone) - startOfDayMs(day, zone)) / HOUR).toBe(hours);
  });

  test('days are counted on the calendar, whatever the clocks do', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
    expect(daysBetween('2026-02-28', '2026-03-01')).toBe(1);
    expect(daysBetween('2026-12-31', '2026-01-01')).toBe(-364);
    fc.assert(
      fc.property(date, fc.integer({ min: -4000, max: 4000 }), (day, days) => {
        expect(daysBetween(day, Temporal.PlainDate.from(day).add({ days }).toString())).toBe(days);
      }),
    );
  });

  test('today is the date where the business is', () => {
    const clock = at('2026-11-23T23:30:00Z');
    expect(todayIn(clock, 'UTC').toString()).toBe('2026-11-23');
    expect(todayIn(clock, 'Europe/Berlin').toString()).toBe('2026-11-24');
    expect(todayIn(clock, 'America/Los_Angeles').toString()).toBe('2026-11-23');
    expect(todayIn(at('2026-11-23T10:00:00Z'), 'Pacific/Kiritimati').toString()).toBe('2026-11-24');
    expect(nowMs(clock)).toBe(Date.UTC(2026, 10, 23, 23, 30));
  });
});

describe('clocks', () => {
  test('tomorrow begins at the next midnight of the business, whatever the time is elsewhere', () => {
    const clock = at('2026-11-23T23:30:00Z');
    expect(startOfTomorrowMs(clock, 'UTC')).toBe(Date.UTC(2026, 10, 24));
    expect(startOfTomorrowMs(clock, 'Europe/Berlin')).toBe(Date.UTC(2026, 10, 24, 23));
    expect(startOfTomorrowMs(at('2026-12-31T12:00:00Z'), 'Asia/Kathmandu')).toBe(
      Date.UTC(2026, 11, 31, 18, 15),
    );
  });

  test('the clock of the machine goes on', () => {
    const before = Date.now();
    const now = nowMs(systemClock);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});

describe('waiting after failures', () => {
  test('is twice as long each time up to the longest, and a random part less, up to half of it', () => {
    const pauses = { firstMs: 1_000, longestMs: 60_000 };
    const wait = (failures: number, ...bytes: number[]) =>
      backoff(failures, pauses, { bytes: (count) => Uint8Array.from(bytes.slice(0, count)) });
    expect([1, 2, 3, 6, 7, 50].map((failures) => wait(failures, 0, 0))).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
    ]);
    expect(wait(1, 255, 255)).toBe(500);
    expect(wait(1, 128, 0)).toBe(750);
    expect(wait(7, 0, 128)).toBe(59_941);
    const endless = { firstMs: 1, longestMs: Number.MAX_SAFE_INTEGER };
    expect(backoff(5_000, endless, { bytes: () => new Uint8Array(2) })).toBe(2 ** 30);
  });
});

describe('reading what people write', () => {
  test('a date is read as it is', () => {
    fc.assert(fc.property(date, (day) => parseDate(day) === day));
    expect(parseDate('2024-02-29')).toBe('2024-02-29');
  });

  test.each([
    '',
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '20260101',
    '2026-01-01T00:00',
    ' 2026-01-01',
    '2026-01-01 ',
    '01/02/2026',
    'today',
    '+002026-01-01',
    '2026-01-01\n',
  ])('“%s” is no date', (text) => {
    expect(() => parseDate(text)).toThrow(
      expect.objectContaining({ code: 'bad_date', status: 422, details: { value: text } }),
    );
  });

  test.each([
    ['90s', 90],
    ['30m', 1_800],
    ['1h', 3_600],
    ['7d', 604_800],
    [' 1h ', 3_600],
    ['0s', 0],
  ])('“%s” is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(['', '1', 'h', '1w', '-1h', '1.5h', '1 h', '1h30m', '1H', '9999999s', '1hour'])(
    '“%s” is no duration',
    (text) => {
      expect(() => parseDuration(text)).toThrow(
        expect.objectContaining({ code: 'bad_duration', status: 422, details: { value: text } }),
      );
    },
  );

  test('a time zone is a name that dates can be computed in', () => {
    for (const zone of [...zones, 'Etc/GMT+5', 'Etc/GMT-5']) expect(isTimeZone(zone), zone).toBe(true);
    for (const name of ['', 'Berlin', 'Mars/Olympus', '+01:00', '-05:00', 'Europe/Berlin ', 'Z/Z']) {
      expect(isTimeZone(name), name).toBe(false);
    }
  });
});
