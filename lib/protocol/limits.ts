// The limits of protocol 1, each named once. Every server tells its own in `welcome.limits`.

export const PROTOCOL = 1;
export const DEFAULT_PORT = 3001;
export const DEFAULT_ROOM = "lobby";

/** Bytes of one line without its LF, once a join was read. 64 KiB holds 8 KiB of text even if each byte is escaped as `\u00XX`. */
export const LINE_BYTES_MAX = 65_536;
/** The same for a peer that has not joined: a stranger costs little. */
export const FIRST_LINE_BYTES_MAX = 4_096;
/** The same of a server's line, which may be a whole page of history. */
export const SERVER_LINE_BYTES_MAX = 16 * LINE_BYTES_MAX;

/** Bytes of UTF-8 and lines of one text, after cleaning. */
export const TEXT_BYTES_MAX = 8_192;
export const TEXT_LINES_MAX = 100;

/** What is shown of one text, in UTF-16 units, and of one name: more than any room keeps, less than brings a screen to its knees. */
export const SHOWN_TEXT_MAX = LINE_BYTES_MAX;
export const SHOWN_LINES_MAX = 10 * TEXT_LINES_MAX;
export const SHOWN_NAME_MAX = 256;

export const NAME_CODE_POINTS_MAX = 32;
export const NAME_BYTES_MAX = 64;
export const RE_CHARS_MAX = 64;

export const JOIN_TIMEOUT_MS = 10_000;
/** A peer is pinged after this long without a byte from it … */
export const PING_IDLE_MS = 30_000;
/** … and counts as gone after this long. */
export const GONE_IDLE_MS = 75_000;
/** How long a name is kept for a member whose connection broke, before `exited` is logged. */
export const NAME_KEPT_MS = 30_000;

/**
 * With more members than this, a room hears of those who come and go together: with the next thing that happens, at the
 * latest after a second. Else N who join one after another would cost N × N / 2 writes. Fewer than that are told at once.
 */
export const LARGE_ROOM_MEMBERS = 200;

/** Messages a second and at once; beyond them the server stops reading for a while. */
export const RATE_PER_S = 5;
export const RATE_BURST = 20;
/** Messages of one session that may wait for the disk; beyond them the server stops reading. */
export const UNSETTLED_MAX = 256;
/** Bytes of messages that one turn may hold, so that no batch outgrows what a session may have in its backlog. */
export const TURN_BYTES_MAX = 393_216;

export const CONNECTIONS_PER_ADDRESS = 32;
/**
 * How often one address may join at once, and then in a minute, for each connection that it may have; beyond it, joins wait.
 * All of them may come back together, twice.
 */
export const JOINS_PER_CONNECTION = 2;
export const CLIENTS_MAX = 10_000;
/** File descriptors kept free for the log and the rest, because Bun's accept loop spins when there are none left. */
export const RESERVED_FILES = 64;

/** Bytes a peer may leave unread, and how long it may take nothing at all, before it is `slow`. */
export const BACKLOG_BYTES_MAX = 1_048_576;
export const BACKLOG_STALL_MS = 30_000;

export const HISTORY_PAGE = 50;
export const HISTORY_PAGE_MAX = 500;
/** Bytes of one history answer; a page that would be larger is cut and says `more`. With a turn on its way, it fits into the backlog. */
export const HISTORY_BYTES_MAX = 524_288;
/** Bytes of what a new member hears first, beside a welcome that may name 10,000 members. */
export const JOIN_HISTORY_BYTES_MAX = 262_144;

/** How long a ban, a mute or an invitation may hold, in seconds: a year. */
export const DURATION_S_MAX = 31_536_000;
/** The longest pause that slow mode may ask for between two messages of one member. */
export const SLOW_S_MAX = 3_600;
/** How far back a purge reaches where nothing is said. */
export const PURGE_S = 600;
/** How old the last act may be that can be taken back. */
export const UNDO_S_MAX = 600;
export const AUDIT_PAGE = 20;
export const AUDIT_PAGE_MAX = 200;
/** An invitation where nothing is said: a week, ten times. */
export const INVITE_S = 604_800;
export const INVITE_USES = 10;
/** A code for a second device. */
export const LINK_S = 600;
/** A name that its owner has not used for so long is anybody's: 90 days. */
export const NAME_LAPSES_S = 7_776_000;
/** Names that one key may own; of more, the one used longest ago is given up. */
export const NAMES_PER_KEY_MAX = 5;
/** Wrong secrets (invitations, codes, signatures, tokens) a minute from one address, before it has to wait. */
export const FAILED_SECRETS_PER_MIN = 5;
