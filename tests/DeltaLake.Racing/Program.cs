using System.Globalization;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Racing;
using RealTimeMesh.ObjectStores;

// arguments: table's folder or URI, number of the writer, file whose appearance ends it
ITableStore store = TablePaths.IsUri(args[0])
    ? ObjectTableStore.Open(args[0], ObjectStoreOptions.FromEnvironment(Environment.GetEnvironmentVariable), TimeProvider.System)
    : new LocalTableStore();
await new RacingWriter(args[0], int.Parse(args[1], CultureInfo.InvariantCulture), args[2], store).RunAsync(CancellationToken.None);
