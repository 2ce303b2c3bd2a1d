/** A command as data. package.json's `commands`, `menus` and the palette are generated from tables of these (tools/generate.ts). */

/** The views, and what can be clicked in them: a node's contextValue starts with its kind, then its states. */
export type CommandPlace =
  /** A button in a view's title bar. */
  | { readonly menu: 'view/title'; readonly view: string; readonly group?: string; readonly when?: string }
  /** An item of a tree row's menu; group `inline` is a button on the row. */
  | {
      readonly menu: 'view/item/context';
      readonly view: string;
      /** A regular expression over the node's contextValue, e.g. `^container\\b.*\\brunning\\b`. */
      readonly item: string;
      readonly group?: string;
      readonly when?: string;
    }
  /** In the explorer of files, or an editor's title. */
  | {
      readonly menu: 'explorer/context' | 'editor/title' | 'editor/context';
      readonly when: string;
      readonly group?: string;
    };

export interface Command<Deps> {
  readonly id: `slipway.${string}`;
  /** In title case, without the category: the palette shows `Slipway: TITLE`. */
  readonly title: string;
  /** A codicon's name, without `$()`. */
  readonly icon?: string;
  readonly places?: readonly CommandPlace[];
  /** When the palette offers it: `never` for commands that need a clicked row; a when-clause; always if left out. */
  readonly palette?: string;
  readonly enablement?: string;
  /**
   * @param target the clicked tree node (explorer/node.ts), file URI or what a caller passed; undefined from the palette
   * @param selection all selected nodes when several are
   * @param args everything that the caller passed, the target first
   * A thrown error is shown once, by whoever registered the command; `cancelled` is shown to nobody.
   */
  readonly handler: (
    deps: Deps,
    target?: unknown,
    selection?: readonly unknown[],
    args?: readonly unknown[],
  ) => Promise<void> | void;
}

/** Items of the menus of one view's rows. */
export function rowsOf(view: string): (item: string, group: string) => CommandPlace {
  return (item, group) => ({ menu: 'view/item/context', view, item, group });
}
