/** What a workspace is opened with: who and what is in it, and the app that is installed there. */

/** What Slack tells apps about a person: guests, strangers, bots and leavers are marked in `users.info`. */
export type PersonKind = "member" | "guest" | "external" | "bot" | "deactivated";

export interface Person {
  id: string;
  name: string;
  realName: string;
  kind: PersonKind;
  /** Enterprise Grid: the other workspace of the organisation that Slack calls theirs, although they belong to this one too. */
  home?: string | undefined;
  /** IANA zone, such as `Europe/Paris`. */
  tz: string;
  /** When they are not to be disturbed, in seconds since 1970; absent: they keep no such times. */
  dnd?: { start: number; end: number } | undefined;
  /** What they show beside their name, until `expiration`, in seconds since 1970; 0 is no end. */
  status?: { text: string; emoji: string; expiration: number } | undefined;
  /** One line for the page's people switcher. */
  tagline?: string;
}

export interface SeedChannel {
  /** Default: made from the name, so that it is the same at every start. */
  id?: string;
  name: string;
  topic?: string;
  /** User ids; default: everybody and the app's bot. */
  members?: string[];
  private?: boolean;
  archived?: boolean;
}

export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
}

export interface Seed {
  team: { id: string; name: string; domain: string };
  people: Person[];
  channels: SeedChannel[];
  userGroups: UserGroup[];
  /** Buttons the page offers; pressing one sends its text. */
  buttons?: { label: string; text: string }[];
}

export interface SlashCommand {
  command: string;
  description: string;
  usage_hint?: string;
  should_escape?: boolean;
}

export interface Shortcut {
  name: string;
  type: "global" | "message";
  callback_id: string;
  description: string;
}

/** The parts of an app manifest that a workspace acts on. */
export interface Manifest {
  display_information: { name: string };
  features?: {
    app_home?: { home_tab_enabled?: boolean };
    bot_user?: { display_name: string };
    slash_commands?: SlashCommand[];
    shortcuts?: Shortcut[];
  };
  oauth_config?: { scopes?: { bot?: string[]; bot_optional?: string[] } };
  settings?: {
    event_subscriptions?: { bot_events?: string[] };
    interactivity?: { is_enabled?: boolean };
    socket_mode_enabled?: boolean;
  };
}

export interface WorkspaceOptions {
  /** 0 takes any free port. */
  port: number;
  /** How many ports from there are tried; one unless given. */
  tries?: number;
  manifest: Manifest;
  seed: Seed;
  botToken: string;
  appToken: string;
  signingSecret: string;
  /** Set: signed HTTP requests go there. Unset: Socket Mode. */
  eventsUrl?: string;
  /** File that lets messages and Home tabs survive a restart. */
  journal?: string;
  /** Milliseconds since 1970; default: the machine's clock. */
  now?: () => number;
}
