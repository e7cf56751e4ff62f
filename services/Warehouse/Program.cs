using RealTimeMesh.Warehouse;

await WarehouseApp.Build(args).RunAsync();
