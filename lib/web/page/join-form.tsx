// The form that lets a reader in: the name, and where the page is not a room's own, server and port. The fields of the 2015 original; what a room asks for beyond them comes when it does.
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { PLAIN_MEANS } from "../../client/standing.ts";
import { readAddress } from "../../protocol/address.ts";
import { DEFAULT_PORT } from "../../protocol/limits.ts";
import { cleanName } from "../../protocol/name.ts";
import { secretIn } from "../../protocol/secret.ts";
import { PROGRAM_ENDED } from "./banner.tsx";
import type { Goal } from "./memory.ts";
import type { About, Stage } from "./stage.ts";

export interface JoinFormProps {
  readonly goal: Goal;
  readonly stage: Extract<Stage, { at: "form" | "joining" }>;
  /** The reader came with an invitation. */
  readonly isInvited: boolean;
  /** Server and port are asked for too. */
  readonly asksPlace: boolean;
  /** The page came in plain text, over a network. */
  readonly isPlain: boolean;
  /** The program that serves the page has ended: nobody can join from here. */
  readonly hasEnded: boolean;
  readonly join: (goal: Goal, secrets: Secrets) => void;
}

/** What was pasted to be let in by; empty where nothing was. */
export interface Secrets {
  readonly invite: string;
  /** A code from another device. */
  readonly link: string;
}

type FieldName = "server" | "port" | "name" | keyof Secrets;

/** What is wrong with a field, for people. */
interface Problem {
  readonly field: FieldName;
  readonly text: string;
}

export function JoinForm({ goal, stage, isInvited, asksPlace, isPlain, hasEnded, join }: JoinFormProps): VNode {
  const [server, setServer] = useState(goal.server);
  const [port, setPort] = useState(goal.port);
  const [name, setName] = useState(goal.name);
  const [invite, setInvite] = useState("");
  const [link, setLink] = useState("");
  /** What was asked for once is shown until the reader is in. */
  const asked = useRef(new Set<keyof Secrets>()).current;
  const [found, setFound] = useState<Problem>();
  const form = useRef<HTMLFormElement>(null);
  const isJoining = stage.at === "joining";
  const refused = stage.at === "form" && stage.problem !== undefined ? refusal(stage, asksPlace) : undefined;
  const problem = found ?? (isJoining ? undefined : refused);

  const about = stage.at === "form" ? stage.about : undefined;
  const wants = about === "invite" ? "invite" : about === "owner" || about === "link" ? "link" : undefined;
  if (wants) asked.add(wants);

  // Whoever is asked again may type at once.
  useEffect(() => {
    if (isJoining) return;
    const field = problem?.field ?? (asksPlace && server === "" ? "server" : "name");
    form.current?.querySelector<HTMLInputElement>(`#join-${field}`)?.select();
  }, [isJoining, problem?.field]);

  const submit = (event: Event): void => {
    event.preventDefault();
    if (isJoining) return;
    const inAddress = server.includes("#") ? secretIn(server, "invite") : "";
    const secrets = { invite: secretIn(invite, "invite") || inAddress, link: link.trim() };
    const wanted = spread({ server: server.trim(), port: port.trim(), name: name.trim() });
    const wrong =
      problemWith(wanted, asksPlace) ??
      (about === "invite" && secrets.invite === "" && !isInvited
        ? { field: "invite" as const, text: NO_INVITE }
        : undefined);
    setFound(wrong);
    if (wrong) return;
    setServer(wanted.server);
    setPort(wanted.port);
    setName(wanted.name);
    const isAsked = wanted.server === goal.server && wanted.port === goal.port;
    join({ ...wanted, pin: wanted.pin ?? (isAsked ? goal.pin : undefined) }, secrets);
  };

  const input = (field: FieldName, value: string, set: (value: string) => void, more: object) => (
    <input
      id={`join-${field}`}
      name={field}
      value={value}
      onInput={(event) => set(event.currentTarget.value)}
      readOnly={isJoining}
      autoComplete="off"
      autoCapitalize="off"
      spellcheck={false}
      aria-invalid={problem?.field === field}
      aria-describedby={problem?.field === field ? "join-problem" : undefined}
      {...more}
    />
  );

  return (
    <main class="door">
      <form class="join" ref={form} onSubmit={submit} noValidate aria-labelledby="join-title">
        <img class="logo" src="./icon.svg" alt="" width="48" height="48" />
        <h1 id="join-title">Join the chat</h1>
        {asksPlace && (
          <div class="place">
            <Field field="server" label="Server">
              {input("server", server, setServer, { inputMode: "url" })}
            </Field>
            <Field field="port" label="Port">
              {input("port", port, setPort, { inputMode: "numeric", maxLength: 5 })}
            </Field>
          </div>
        )}
        <Field field="name" label={asksPlace ? "Username" : "Your name"}>
          {input("name", name, setName, { maxLength: 64, autoComplete: "nickname" })}
        </Field>
        {asked.has("link") && (
          <Field field="link" label="Code from your other device">
            {input("link", link, setLink, {
              "aria-describedby": `${problem?.field === "link" ? "join-problem " : ""}join-link-hint`,
            })}
            <p class="small" id="join-link-hint">
              If the name is yours: type /link on the device where you have it, and put the code here.
            </p>
          </Field>
        )}
        {asked.has("invite") && (
          <Field field="invite" label="Invitation">
            {input("invite", invite, setInvite, { placeholder: "The link that you were sent" })}
          </Field>
        )}
        <p class="problem" id="join-problem" role="alert">
          {hasEnded ? PROGRAM_ENDED : problem?.text}
        </p>
        <button type="submit" class="main" aria-disabled={isJoining}>
          {isJoining ? "Connecting…" : asksPlace ? "Connect" : "Join"}
        </button>
        <p class="small">
          {asksPlace
            ? "Ask whoever opened the room where it is. The port is usually 3001."
            : "Everyone in the room sees your name and what you say. Nothing to install, no account."}
          {isInvited && about !== "invite" && " You come with an invitation."}
        </p>
        {isPlain && <p class="small">Not encrypted: {PLAIN_MEANS}.</p>}
      </form>
    </main>
  );
}

function Field(props: { readonly field: string; readonly label: string; readonly children: ComponentChildren }): VNode {
  return (
    <div class={`field ${props.field}`}>
      <label for={`join-${props.field}`}>{props.label}</label>
      {props.children}
    </div>
  );
}

const NO_INVITE = "Paste the link that you were sent, or the part behind invite=.";

function refusal({ about, problem = "" }: Extract<Stage, { at: "form" }>, asksPlace: boolean): Problem {
  return { field: fieldOf(about, asksPlace), text: problem };
}

function fieldOf(about: About | undefined, asksPlace: boolean): FieldName {
  switch (about) {
    case "invite":
    case "link":
      return about;
    case "place":
      return asksPlace ? "server" : "name";
    case "name":
    case "owner":
    case undefined:
      return "name";
  }
}

/** Whoever puts a whole address into the field for the server, as chatd's banner tells it, means its port and name too. */
function spread({ server, port, name }: Goal): Goal {
  const place = readAddress(server);
  if ("problem" in place) return { server, port, name };
  // A link says all of it, also what is usual.
  const isUsual = place.port === DEFAULT_PORT && !place.extras;
  return {
    server: place.hostname,
    port: isUsual ? port : String(place.port),
    name: name || (place.name ?? ""),
    pin: place.extras?.["pin"],
  };
}

function problemWith({ server, port, name }: Goal, asksPlace: boolean): Problem | undefined {
  if (asksPlace) {
    const place = readAddress(server);
    if ("problem" in place)
      return { field: "server", text: server === "" ? "Where is the room? A name or an IP address." : place.problem };
    const number = Number(port);
    if (!/^\d{1,5}$/.test(port) || number < 1 || number > 65_535)
      return { field: "port", text: "A port is a number from 1 to 65535; chatd's is 3001." };
  }
  if (name === "") return { field: "name", text: "What should the others call you?" };
  const cleaned = cleanName(name);
  return "problem" in cleaned ? { field: "name", text: cleaned.problem } : undefined;
}
