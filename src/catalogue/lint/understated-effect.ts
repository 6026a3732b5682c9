import type { Command } from "../../command/command.ts";
import { doesDeed, methodOf } from "./deeds.ts";
import { type Line, linesOf } from "./lines.ts";
import { type LintRule, eachCommand } from "./rule.ts";

/** Programs, and the words that make them do it. */
const DESTROYING = `rm | rmdir | unlink | shred | dd | wipefs | mkfs | kill | pkill | killall | shutdown | reboot | poweroff | halt
  | dropdb | userdel | groupdel | find -delete | git clean | git reset --hard | git push --force | git push -f | git push --delete
  | git branch -D | kubectl delete | kubectl drain | helm uninstall | docker rm | docker rmi | docker container rm
  | docker container prune | docker image rm | docker image prune | docker volume rm | docker volume prune | docker network rm
  | docker builder prune | docker system prune | podman rm | podman rmi | podman volume rm | podman system prune
  | terraform destroy | tofu destroy | npm unpublish | gh repo delete`;
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
    const lines = linesOf(command).filter((line) => !isTemporary(line));
    for (const { effect, deeds, methods, milder } of KINDS) {
      if (!milder.some((each) => each === command.effect)) continue;
      const sent = new Set([command.webhook?.method, ...lines.map(methodOf)]);
      const deed =
        methods.find((method) => sent.has(method)) ??
        deeds.find((each) => isKept(command) && lines.some((line) => doesDeed(line, each)))?.join(" ");
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
function isKept({ container }: Command): boolean {
  return !container || container.mounts.some(({ readOnly }) => !readOnly);
}

/** A script may tidy up what it made itself. */
function isTemporary(line: Line): boolean {
  return line.some((word) => /^\$\{?\w*te?mp/i.test(word));
}
