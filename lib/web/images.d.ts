// What `import … with { type: "file" }` gives for an image: its path, in the sources or inside the compiled program.
declare module "*.png" {
  const path: string;
  export = path;
}

declare module "*.svg" {
  const path: string;
  export = path;
}
