using RealTimeMesh.Retries;

await RetriesApp.Build(args).RunAsync();
