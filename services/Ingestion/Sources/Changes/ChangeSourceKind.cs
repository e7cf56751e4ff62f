using Dapr;
using Dapr.Client;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Changes;

/// <summary>Tables of databases whose changes are captured.</summary>
internal sealed class ChangeSourceKind(IEnumerable<IChangeConnector> connectors, ConnectionSecrets secrets, IngestionOptions options, TimeProvider time) : ISourceKind
{
    private readonly Dictionary<string, IChangeConnector> _connectors = connectors.ToDictionary(connector => connector.Name, StringComparer.Ordinal);

    public bool Takes(SourceDefinition source) => source.Changes is not null;

    public string NameOf(SourceDefinition source) => source.Changes!.Connector;

    public void Validate(StreamDefinition stream, SourceDefinition source)
    {
        if (!_connectors.ContainsKey(source.Changes!.Connector))
            throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': found no connector '{source.Changes.Connector}' in this service; expected one of {string.Join(", ", _connectors.Keys)}.");
        if (!secrets.Exists(source.Changes.Connection, out var missing))
            throw new SourceException($"stream '{stream.Topic}': source '{source.Name}': connection: found no {missing}; expected the connection string there. Set it, or correct 'connection' in pipeline.yaml.");
    }

    public async Task<IRowSource> OpenAsync(SourceStatus status, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var settings = status.Source.Changes!;
        var schema = stream.Contract.Rows;
        var wanted = schema.Fields.SelectMany(field => field.Aliases.Prepend(field.Name)).ToHashSet(StringComparer.Ordinal);
        var connector = _connectors[settings.Connector];
        try
        {
            var connection = await secrets.ReadAsync(settings.Connection, cancellationToken);
            // Before anything is made on the server.
            var tables = await connector.DescribeAsync(settings, connection, cancellationToken);
            var faults = tables.SelectMany(table => TableMap.Faults(table, schema, stream.Definition.Key)).ToList();
            // Once it has begun, a column that went is told row by row.
            if (faults.Count > 0 && position.Changes is null)
                throw new SourceException(string.Join(Environment.NewLine, faults));
            var feed = await connector.OpenAsync(settings, connection, position.Changes, wanted, cancellationToken);
            return new ChangeSource(feed, status, schema, position, options, time);
        }
        catch (ChangeCaptureException e)
        {
            throw new SourceException(e.Message, e);
        }
        catch (DaprException e)
        {
            throw new SourceException($"connection: {settings.Connection} could not be read: {e.InnerException?.Message ?? e.Message}", e);
        }
    }
}
