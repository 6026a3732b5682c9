const SECRET =
  /(?:^|_)(?:password|passwd|passphrase|secret|credentials?|token|(?:api|access|private|secret|auth)_?key)$/i;
/** Tokens that say where a list goes on. */
const PLACE = /^(?:page|next|next_page|continuation|cursor|sync|start|resume)_?token$/i;
const PATH = /(?:^|_)(?:path|file|filename|file_?path|dir|directory|folder)s?$/i;

/** Whether a parameter is called as secrets are. */
export function soundsSecret(name: string): boolean {
  const words = snake(name);
  return SECRET.test(words) && !PLACE.test(words);
}

/** Whether a parameter is called as paths are. */
export function soundsLikePath(name: string): boolean {
  return PATH.test(snake(name));
}

/** `githubToken` as `github_Token`. */
function snake(name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, "$1_$2");
}
