/** Questions of an SSH connection, put to the person. */
import path from 'node:path';
import type { HostFacts } from '../hosts/deploy/probe.ts';
import type { HostLack } from '../hosts/deploy/requirements.ts';
import type { SshPrompts } from '../hosts/ssh/prompts.ts';
import type { Ui } from './ui.ts';

/**
 * Secrets that let somebody in are kept for this session, so that a lost connection can be got back unasked.
 * @param secrets by what they open; empty at first
 */
export function sshPrompts(ui: Ui, secrets: Map<string, string>): SshPrompts {
  const remembered = async (key: string, attempt: number, question: () => Promise<string | undefined>) => {
    const known = attempt === 1 ? secrets.get(key) : undefined;
    const secret = known ?? (await question());
    if (secret !== undefined) secrets.set(key, secret);
    return secret;
  };
  const again = (attempt: number): string => (attempt > 1 ? 'That was not right. ' : '');
  return {
    trustHostKey({ name, host, keyType, fingerprint, otherTypes }) {
      const others =
        otherTypes.length === 0 ? '' : `\n\nIt is known by another kind of key already (${otherTypes.join(', ')}).`;
      const detail =
        `Its ${keyType} key has the fingerprint\n${fingerprint}\n\nConnect only if this is what its owner told you, ` +
        `or what “ssh-keygen -lf ${hostKeyFile(keyType)}” prints there. The key is then remembered in known_hosts.${others}`;
      const who = name.includes(host) ? name : `${name} (${host})`;
      return ui.confirm(`You have not connected to ${who} before.`, detail, 'Trust and Connect');
    },
    passphrase: (file, attempt) =>
      remembered(`passphrase ${file}`, attempt, () =>
        ui.ask({
          title: `Passphrase for ${path.basename(file)}`,
          prompt: `${again(attempt)}The passphrase of the key ${file}`,
          secret: true,
        }),
      ),
    password: (who, attempt) =>
      remembered(`password ${who}`, attempt, () =>
        ui.ask({ title: `Password for ${who}`, prompt: `${again(attempt)}Password of ${who}`, secret: true }),
      ),
    answer: (who, instructions, question, echo) =>
      ui.ask({
        title: `${who} asks`,
        prompt: [instructions.trim(), question.trim()].filter((text) => text !== '').join(' – '),
        secret: !echo,
      }),
  };
}

/** Where sshd(8) has its key of that type. */
function hostKeyFile(keyType: string): string {
  const algorithm = /ed25519|ecdsa|rsa/.exec(keyType)?.[0] ?? '*';
  return `/etc/ssh/ssh_host_${algorithm}_key.pub`;
}

/** Offers to install what a host lacks. */
export function offerInstall(ui: Ui): (label: string, lack: HostLack, facts: HostFacts) => Promise<boolean> {
  return (label, lack, facts) => {
    const detail = `${lack.lines.join('\n')}\n\nThis command installs it on ${facts.distribution}:\n\n${lack.install ?? ''}`;
    return ui.confirm(`${label} cannot run containers yet.`, detail, 'Install Now', {
      label: 'Copy Command',
      run: () => ui.copy(lack.install ?? ''),
    });
  };
}
