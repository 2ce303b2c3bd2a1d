import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLogConfig, LOG_DRIVERS, logReadable, logSinkOf } from './log-drivers.ts';

/** `driver option=value …` and what dockerd 28.5 answers. */
const REFUSED: Readonly<Record<string, string>> = {
  'json-file foo=1': "unknown log opt 'foo' for json-file log driver",
  'local tag=x': "unknown log opt 'tag' for log driver local",
  'syslog foo=1': "unknown log opt 'foo' for syslog log driver",
  'syslog syslog-address=foo': "unsupported scheme: ''",
  'syslog syslog-address=http://x': "unsupported scheme: 'http'",
  'syslog syslog-address=unix:///no-such-socket': 'stat /no-such-socket: no such file or directory',
  'syslog syslog-facility=zz': 'invalid syslog facility',
  'syslog syslog-format=zz': 'Invalid syslog format',
  gelf: 'gelf-address is a required parameter',
  'gelf gelf-address=foo': 'gelf: endpoint needs to be TCP or UDP',
  'gelf gelf-address=udp://foo': 'gelf: please provide gelf-address as proto://host:port',
  'gelf gelf-address=http://foo:1': 'gelf: endpoint needs to be TCP or UDP',
  'gelf gelf-address=udp://h:1 gelf-compression-type=x':
    'unknown value "x" for log opt "gelf-compression-type" for gelf log driver',
  'gelf gelf-address=udp://h:1 gelf-compression-level=x':
    'unknown value "x" for log opt "gelf-compression-level" for gelf log driver',
  'gelf gelf-address=tcp://h:1 gelf-compression-level=1': 'compression is only supported on UDP',
  'gelf gelf-address=udp://h:1 gelf-tcp-max-reconnect=1': '"gelf-tcp-max-reconnect" is only valid for TCP',
  'gelf gelf-address=tcp://h:1 gelf-tcp-max-reconnect=x': '"gelf-tcp-max-reconnect" must be a positive integer',
  'gelf foo=x': 'gelf-address is a required parameter',
  'fluentd foo=x': "unknown log opt 'foo' for fluentd log driver",
  'fluentd fluentd-address=http://x': "invalid fluentd-address (http://x): unsupported scheme: 'http'",
  'fluentd fluentd-address=tcp://x:99999':
    'invalid fluentd-address (tcp://x:99999): invalid port: strconv.ParseUint: parsing "99999": value out of range',
  'fluentd fluentd-address=tcp://x:a':
    'invalid fluentd-address (tcp://x:a): parse "tcp://x:a": invalid port ":a" after host',
  'fluentd fluentd-address=tcp://x/path': 'invalid fluentd-address (tcp://x/path): should not contain a path element',
  'syslog syslog-address=udp://h:abc': 'parse "udp://h:abc": invalid port ":abc" after host',
  'syslog syslog-address=udp://[::1': 'invalid syslog-address (udp://[::1)',
  'fluentd fluentd-async=x': 'strconv.ParseBool: parsing "x": invalid syntax',
  'fluentd fluentd-buffer-limit=x': "invalid size: 'x'",
  'fluentd fluentd-retry-wait=x': 'time: invalid duration "x"',
  'fluentd fluentd-max-retries=x': 'strconv.ParseUint: parsing "x": invalid syntax',
  'fluentd fluentd-write-timeout=-1s':
    'invalid value for fluentd-write-timeout: value must be a duration that is non-negative',
  'fluentd fluentd-async-reconnect-interval=1ms':
    'invalid value for fluentd-async-reconnect-interval: value ("1ms") must be between 100ms and 10s',
  'journald foo=x': "unknown log opt 'foo' for journald log driver",
  nope: 'error looking up logging plugin nope: plugin "nope" not found',
  'json-file mode=zz': 'logger: logging mode not supported: zz',
  'json-file max-buffer-size=1m': "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
  'json-file mode=non-blocking max-buffer-size=zz': "error parsing option max-buffer-size: invalid size: 'zz'",
  'syslog cache-disabled=zz': 'invalid value for option cache-disabled: zz',
};

function check(text: string): void {
  const [driver = '', ...options] = text.split(' ');
  checkLogConfig(driver, Object.fromEntries(options.map((option) => option.split('=') as [string, string])));
}

for (const [text, message] of Object.entries(REFUSED)) {
  test(`refused: ${text}`, () => assert.throws(() => check(text), { code: 'invalid', message }));
}

test('what Docker takes is taken', () => {
  check('json-file max-size=1m max-file=3 compress=true tag=x labels=a env-regex=b');
  check('syslog syslog-address=tcp+tls://h syslog-facility=23 syslog-tls-skip-verify=1 cache-max-size=1m');
  for (const address of ['tcp://', 'UDP://:514', 'udp://[::1]:514/x', 'udp://h:'])
    check(`syslog syslog-address=${address}`);
  check('gelf gelf-address=udp://[::1]:12201 gelf-compression-level=-1');
  check('fluentd fluentd-address=unix:///run/f.sock fluentd-async-reconnect-interval=1s mode=non-blocking');
  check('none anything=goes');
});

test('what Docker has and this engine has not is told', () => {
  assert.throws(() => check('splunk'), {
    code: 'not-implemented',
    message: /splunk is not supported by this engine: use one of json-file, local, .*fluentd$/,
  });
});

test('which drivers send away, and whose logs can be read', () => {
  assert.deepEqual(LOG_DRIVERS, ['fluentd', 'gelf', 'journald', 'json-file', 'local', 'syslog']);
  assert.equal(logSinkOf('json-file'), undefined);
  assert.equal(logSinkOf('constructor'), undefined);
  assert.ok(logSinkOf('syslog'));
  assert.equal(logReadable('none', {}), false);
  assert.equal(logReadable('syslog', {}), true);
  assert.equal(logReadable('syslog', { 'cache-disabled': 'true' }), false);
});
