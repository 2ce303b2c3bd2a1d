/** Two engines on one machine, or an engine and somebody else, that want the same subnet. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { holders, type NetworkWorld, output, runProgram, startNetworks } from '../support/networks.ts';

const subnetOf = (world: NetworkWorld, name: string): string =>
  world.networks.inspect(name).IPAM?.Config?.[0]?.Subnet ?? '';

/** A bridge of nobody's engine on that subnet, until disposal. */
async function takeSubnet(subnet: string): Promise<AsyncDisposable> {
  const name = `rival-${randomBytes(3).toString('hex')}`;
  await output('ip', 'link', 'add', name, 'type', 'bridge');
  await output('ip', 'address', 'add', subnet.replace(/\.0\//, '.1/'), 'dev', name);
  await output('ip', 'link', 'set', name, 'up');
  return { [Symbol.asyncDispose]: async () => void (await runProgram('ip', 'link', 'delete', name)) };
}

describe('an engine that starts again', () => {
  test('gives up subnets it chose and another engine has taken meanwhile; the containers reach one another', async () => {
    await using first = await startNetworks([{ base: `10.${randomInt(90, 250)}.0.0/16`, size: 24 }]);
    await using second = await startNetworks();
    await first.networks.create({ Name: 'net' });
    const names = ['bridge', 'net'];
    const before = names.map((name) => subnetOf(first, name));
    await first.restart(async () => {
      for (const [i, Subnet] of before.entries()) {
        await second.networks.create({ Name: `taken${i}`, IPAM: { Config: [{ Subnet }] } });
      }
    });
    for (const [i, name] of names.entries()) {
      const now = subnetOf(first, name);
      assert.notEqual(now, before[i], name);
      assert.equal(await holders(now), 1, `${now} of ${name}`);
      assert.equal(await holders(before[i] ?? ''), 1, before[i]);
      assert.ok(
        first.lines.some((line) => line.includes(`network ${name}: `) && line.endsWith(`${before[i]} becomes ${now}`)),
        first.lines.join('\n'),
      );
      const [a, b] = [await first.open(`a${i}`, { mode: name }), await first.open(`b${i}`, { mode: name })];
      await b.serve('tcp', 80);
      assert.equal(await a.ask('tcp', b.address(), 80), `b${i} from ${a.address()}`);
    }
    assert.deepEqual(second.lines, []);
  });

  test('keeps what it moved to, and says nothing when nothing is contested', async () => {
    await using world = await startNetworks();
    await using _rival = await takeSubnet(subnetOf(world, 'bridge'));
    await world.restart();
    const moved = subnetOf(world, 'bridge');
    const said = world.lines.length;
    assert.equal(said, 1);
    await world.restart();
    // Engines of other tests may want it in the moment in which it is free: then it moves on, and says so.
    if (world.lines.length === said) assert.equal(subnetOf(world, 'bridge'), moved);
    else
      assert.ok(
        world.lines.at(-1)?.includes(`${moved} becomes `) && (await holders(moved)) > 0,
        world.lines.join('\n'),
      );
  });

  test('keeps the subnet of running containers and a subnet the user chose, and warns', async () => {
    await using world = await startNetworks();
    await world.networks.create({ Name: 'mine', IPAM: { Config: [{ Subnet: '10.83.4.0/24' }] } });
    const [a, b] = [await world.open('a'), await world.open('b')];
    await b.serve('tcp', 80);
    const before = subnetOf(world, 'bridge');
    await using _one = await takeSubnet(before);
    await using _two = await takeSubnet('10.83.4.0/24');
    await world.restart();
    assert.equal(subnetOf(world, 'bridge'), before);
    assert.equal(subnetOf(world, 'mine'), '10.83.4.0/24');
    assert.deepEqual(
      world.lines.map((line) => /^warning: network (\w+): its subnet/.exec(line)?.[1]),
      ['bridge', 'mine'],
    );
    assert.equal(await a.ask('tcp', b.address(), 80), `b from ${a.address()}`);
  });
});

test('engines that choose at the same moment choose different subnets', async () => {
  await using first = await startNetworks();
  await using second = await startNetworks();
  const worlds = [first, second];
  await Promise.all(worlds.flatMap((world) => ['one', 'two', 'three'].map((Name) => world.networks.create({ Name }))));
  const all = worlds.flatMap((world) => ['bridge', 'one', 'two', 'three'].map((name) => subnetOf(world, name)));
  assert.equal(new Set(all).size, all.length, all.join(' '));
  for (const subnet of all) assert.equal(await holders(subnet), 1, subnet);
});
