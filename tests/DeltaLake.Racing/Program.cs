using System.Globalization;
using RealTimeMesh.DeltaLake.Racing;

// arguments: table's folder, number of the writer, file whose appearance ends it
await new RacingWriter(args[0], int.Parse(args[1], CultureInfo.InvariantCulture), args[2]).RunAsync(CancellationToken.None);
