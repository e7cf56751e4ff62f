using RealTimeMesh.Lakehouse;

await LakehouseApp.Build(args).RunAsync();
