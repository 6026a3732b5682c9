import type { Command } from "../../command/command.ts";
import { holdsInOrder, literalsOf, programOf } from "./argv.ts";
import { type LintRule, eachCommand } from "./rule.ts";

/** Programs, and the words that make them do it. */
const DESTROYING = `rm | rmdir | unlink | shred | dd | wipefs | mkfs | kill | pkill | killall | shutdown | reboot | poweroff | halt
  | dropdb | userdel | groupdel | find -delete | git clean | git reset --hard | git push --force | git push -f | git push --delete
  | git branch -D | kubectl delete | kubectl drain | helm uninstall | docker rm | docker rmi | docker prune | podman rm | podman rmi
  | podman prune | terraform destroy | tofu destroy | npm unpublish | gh repo delete`;
const WRITING = `mv | cp | mkdir | touch | tee | chmod | chown | chgrp | ln | install | truncate | patch | sed -i | git add | git commit
  | git push | git pull | git merge | git rebase | git checkout | git switch | git restore | git revert | git cherry-pick | git apply
  | kubectl apply | kubectl create | kubectl scale | kubectl patch | helm install | helm upgrade | terraform apply | tofu apply
  | npm install | npm ci | npm publish | pip install | apt-get install | brew install`;

const KINDS = [
  { effect: "destructive", deeds: deedsOf(DESTROYING), methods: ["DELETE"], milder: ["read", "write"] },
  { effect: "write", deeds: deedsOf(WRITING), methods: ["PUT", "PATCH"], milder: ["read"] },
] as const;

export const understatedEffect: LintRule = {
  id: "understated-effect",
  meaning: "an `effect` that is milder than what the program or the request does",
  reason: "Clients run what says `read` without asking, and warn of what says `destructive`.",
  check: eachCommand(({ draft, command }) => {
    for (const { effect, deeds, methods, milder } of KINDS) {
      if (!milder.some((each) => each === command.effect)) continue;
      const deed = command.webhook
        ? methods.find((method) => method === command.webhook?.method)
        : deeds.find(([program = "", ...words]) => does(command, program, words))?.join(" ");
      if (deed === undefined) continue;
      const range = draft.at(draft.mayHave("effect") ? "effect" : "name");
      const message = `\`${deed}\` is ${effect === "write" ? "no reading" : "destructive"}, and clients are told \`effect: ${command.effect}\``;
      return [{ range, message, hint: `set \`effect: ${effect}\`` }];
    }
    return [];
  }),
};

function deedsOf(list: string): readonly (readonly string[])[] {
  return list.split("|").map((each) => each.trim().split(/\s+/));
}

/** What is written inside a container is gone with it, unless a mount keeps it. */
function does(command: Command, program: string, words: readonly string[]): boolean {
  if (command.container && command.container.mounts.every(({ readOnly }) => readOnly)) return false;
  return programOf(command) === program && holdsInOrder(literalsOf(command), words);
}
