using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion;

try
{
    await IngestionApp.Build(args).RunAsync();
    return 0;
}
catch (ConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
