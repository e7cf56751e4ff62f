using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion;
using RealTimeMesh.Postgres;

try
{
    await IngestionApp.Build(args, new PostgresConnector(TimeProvider.System)).RunAsync();
    return 0;
}
catch (ConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
