// Why a call of the system failed, as the system names it.

/** Such as ENOENT; "unknown" where it says nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
