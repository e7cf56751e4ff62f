using RealTimeMesh.StreamProcessor;

await StreamProcessorApp.Build(args).RunAsync();
