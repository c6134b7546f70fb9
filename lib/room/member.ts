// Someone in a room, and what they may do there.

/** What an invitation or an operator made of somebody: may keep order, need not wait, may only read. */
export type Role = "operator" | "bot" | "reader";

/** What somebody may do, whatever the name. */
export interface Rights {
  /** Of the machine's own console: may use the reserved name, and everything else. */
  readonly host: boolean;
  /** Whose key was proved; nothing for a guest without one. */
  readonly identity: number | undefined;
  /** Nothing for what everybody may do. */
  role: Role | undefined;
  /** May not speak before then, in the room's milliseconds. */
  mutedUntil: number;
}

export const GUEST: Rights = {
  host: false,
  identity: undefined,
  role: undefined,
  mutedUntil: Number.NEGATIVE_INFINITY,
};

/** Someone who is in the room. The object is the member's identity in it; its name may change. */
export interface Member extends Rights {
  name: string;
  /** When it spoke last, as far as the room is in slow mode. */
  saidAt: number;
}

/** Who asks: a member of the room, or somebody at its door. */
export type Asker = Member | { readonly name?: undefined; readonly host: boolean };

/** May put the room in order. */
export function isOperator({ host, role }: Rights): boolean {
  return host || role === "operator";
}
