/** TypeDoc plugin: shows the class of `@throws {Class} when …`, as a link, which TypeDoc reads but does not print. */
import { Converter, ReflectionKind } from "typedoc";

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const classes = project.getReflectionsByKind(ReflectionKind.Class);
    const tags = Object.values(project.reflections).flatMap(({ comment }) => comment?.blockTags ?? []);
    for (const tag of tags) {
      const name = tag.typeAnnotation?.replace(/[{}\s]/g, "");
      if (tag.tag !== "@throws" || !name) continue;
      const target = classes.find((each) => each.name === name);
      const link = target
        ? { kind: "inline-tag", tag: "@link", text: name, target }
        : { kind: "code", text: `\`${name}\`` };
      tag.content.unshift(link, { kind: "text", text: " " });
      delete tag.typeAnnotation;
    }
  });
}
