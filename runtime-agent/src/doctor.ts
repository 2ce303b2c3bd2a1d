/** `slipway doctor`: what this host lacks, and the command that installs it. */
import { existsSync, readFileSync } from 'node:fs';
import { HOST_TOOLS, installCommand } from '#model/host/tools.ts';
import { findTool, hostFamily } from './host/tools.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

function kernelFindings(): Finding[] {
  const root = process.getuid?.() === 0;
  const overlay = /\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  const cgroups = existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/memory');
  return [
    {
      name: 'root',
      ok: root,
      detail: root ? 'running as root' : 'run the engine as root (rootless mode is not there yet)',
    },
    { name: 'overlayfs', ok: overlay, detail: overlay ? 'in the kernel' : "load it: 'modprobe overlay'" },
    {
      name: 'cgroups',
      ok: cgroups,
      detail: cgroups ? 'mounted' : 'mount them on /sys/fs/cgroup (cgroup v2, or v1 controllers)',
    },
  ];
}

export function examineHost(): Finding[] {
  const tools = HOST_TOOLS.map((tool): Finding => {
    const found = findTool(tool);
    return { name: tool.program, ok: found !== undefined, detail: found ?? `missing: it ${tool.purpose}` };
  });
  return [...kernelFindings(), ...tools];
}

/** Prints the findings; exit code 1 when something is missing. */
export async function runDoctor(args: readonly string[]): Promise<number> {
  const findings = examineHost();
  const missing = HOST_TOOLS.filter((tool) => findings.some((finding) => finding.name === tool.program && !finding.ok));
  const install = installCommand(missing, hostFamily());
  if (args.includes('--json')) {
    console.log(JSON.stringify({ findings, install: install ?? null }));
  } else {
    for (const { name, ok, detail } of findings)
      console.log(`${ok ? 'ok     ' : 'MISSING'} ${name.padEnd(11)} ${detail}`);
    if (install !== undefined) console.log(`\nInstall what is missing with:\n  ${install}`);
  }
  return findings.every((finding) => finding.ok) ? 0 : 1;
}
