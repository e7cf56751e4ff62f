using RealTimeMesh.Ingestion;

await IngestionApp.Build(args).RunAsync();
