import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST_TOOLS, installCommand, packageFamily } from './tools.ts';

test('the family of the distribution comes from ID and ID_LIKE', () => {
  assert.equal(packageFamily('PRETTY_NAME="x"\nID=debian\n'), 'debian');
  assert.equal(packageFamily('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), 'debian');
  assert.equal(packageFamily('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'fedora');
  assert.equal(packageFamily('ID=alpine\n'), 'alpine');
  assert.equal(packageFamily('ID="opensuse-leap"\n'), 'suse');
  assert.equal(packageFamily('ID=plan9\n'), undefined);
});

test('one command installs everything that is missing, by the family’s names', () => {
  const some = HOST_TOOLS.filter((tool) => ['runc', 'ip'].includes(tool.program));
  assert.equal(installCommand(some, 'debian'), 'apt-get install -y runc iproute2');
  assert.equal(installCommand(some, 'fedora'), 'dnf install -y runc iproute');
  assert.equal(installCommand(some, undefined), undefined);
  assert.equal(installCommand([], 'debian'), undefined);
});
