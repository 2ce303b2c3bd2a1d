import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseDeviceRequests } from './device-requests.ts';

test('a request for devices is refused in dockerd’s words', () => {
  refuseDeviceRequests({});
  refuseDeviceRequests({ DeviceRequests: [] });
  const gpus = { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu', 'compute'], ['x']] }] };
  assert.throws(() => refuseDeviceRequests(gpus), {
    code: 'internal',
    message: 'could not select device driver "" with capabilities: [[gpu compute] [x]]',
  });
  assert.throws(() => refuseDeviceRequests({ DeviceRequests: [{ Driver: 'nvidia', Count: 1 }] }), {
    message: 'could not select device driver "nvidia" with capabilities: []',
  });
  assert.throws(() => refuseDeviceRequests({ DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['a.b/c=d'] }] }), {
    message: 'CDI device injection failed: unresolvable CDI devices a.b/c=d',
  });
});
