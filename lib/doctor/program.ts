// Which program this is, and on what it runs: what to tell whoever is asked for help. Pure.
import type { Finding } from "./finding.ts";
import { visible } from "./visible.ts";

export interface ProgramSeen {
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly platform: string;
  readonly arch: string;
  /** Of the kernel. */
  readonly release: string;
  /** Nothing where there is another library of C. */
  readonly glibc: string | undefined;
}

export function tellProgram({ version, commit, bun, platform, arch, release, glibc }: ProgramSeen): Finding {
  const system = visible(`${platform} ${release} (${arch})`);
  const measured = { version, commit, bun, platform, arch, release: visible(release), glibc: glibc ?? null };
  const library = glibc === undefined ? "" : `, glibc ${visible(glibc)}`;
  return {
    name: "version",
    status: "ok",
    text: `chatd ${version} (${commit}) with Bun ${bun} on ${system}${library}.`,
    measured,
  };
}
