import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What runs longest is begun first: a small file that holds a whole contract, begun last, would keep one core waiting. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\.(?:contract|property)\.test\.ts$|\/mcp\/clients\.test\.ts$|\/executors\/faults\.test\.ts$|\/conformance\//.test(
        moduleId,
      );
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
