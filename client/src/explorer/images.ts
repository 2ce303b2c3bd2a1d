/** The *Images* tree: a row for each tag, images without a tag at the end. Pure. */
import type { ImageSummary } from '#model/engine-api/types.ts';
import { perHost } from './hosts.ts';
import type { TreeNode } from './node.ts';
import type { EngineSnapshot, HostView } from './snapshot.ts';
import { bytes, escapeMarkdown, shortId, span } from './words.ts';

/** @param now ms since 1970 */
export function imageTree(hosts: readonly HostView[], now: number): TreeNode[] {
  return perHost(hosts, (host, snapshot) => ofHost(host.id, snapshot, now));
}

function ofHost(hostId: string, snapshot: EngineSnapshot, now: number): TreeNode[] {
  const used = new Set(snapshot.containers.map((container) => container.ImageID));
  const nodes = snapshot.images.flatMap((image) => {
    const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    const names = tags.length > 0 ? tags : [''];
    return names.map((tag) => imageNode(hostId, image, tag, used.has(image.Id), now));
  });
  const rank = (node: TreeNode): number => (node.context.includes('untagged') ? 1 : 0);
  return nodes.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label, 'en', { numeric: true }));
}

function imageNode(hostId: string, image: ImageSummary, tag: string, used: boolean, now: number): TreeNode {
  const age = span(now - image.Created * 1000);
  const untagged = tag === '';
  return {
    key: `${hostId}/image/${image.Id}/${tag}`,
    kind: 'image',
    hostId,
    id: untagged ? image.Id : tag,
    label: untagged ? shortId(image.Id) : tag,
    description: [untagged ? 'untagged' : '', bytes(image.Size), `${age} old`]
      .filter((part) => part !== '')
      .join(' · '),
    tooltip: [
      `**${escapeMarkdown(untagged ? shortId(image.Id) : tag)}**`,
      `Size: ${bytes(image.Size)}`,
      `Id: ${shortId(image.Id)}`,
      ...(image.RepoTags ?? [])
        .filter((other) => other !== tag && !other.startsWith('<none>'))
        .map((other) => `Also: ${escapeMarkdown(other)}`),
      used ? 'Used by a container' : 'Not used by a container',
    ].join('\n\n'),
    icon: untagged ? 'circle-slash' : 'package',
    ...(used ? { iconColor: 'charts.green' } : {}),
    context: `image ${untagged ? 'untagged' : 'tagged'}${used ? ' used' : ''}`,
  };
}
