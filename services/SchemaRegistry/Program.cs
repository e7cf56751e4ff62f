using RealTimeMesh.SchemaRegistry;

await SchemaRegistryApp.Build(args).RunAsync();
