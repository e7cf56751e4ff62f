using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>An Avro file, read with the schema in it. One block at a time is in memory; a position is a block and a record there.</summary>
internal sealed class AvroSource(FilePart file, FileStream bytes, AvroFileReader reader, AvroBlockRows records, SourcePosition position, IngestionOptions options) : IRowSource
{
    private long _rows = position.Rows;
    private int _record;
    private int _byte;
    private bool _inBlock;

    public long? Total => null;

    public SourcePosition Position { get; private set; } = position;

    public async ValueTask<bool> ReadAsync(EventBatch batch, int maxRows, CancellationToken cancellationToken)
    {
        var more = true;
        while (more && batch.Count < maxRows && batch.Bytes < options.PublishBytes)
        {
            try
            {
                if (_inBlock)
                    ReadRecord(batch);
                else
                    more = await ReadBlockAsync(cancellationToken);
            }
            catch (AvroFileException e)
            {
                if (file.OnError == FileFaultPolicy.Stop)
                    throw Fault(e);
                batch.Reject(FileFaults.Reason(file.Path, e.Message), new InputRecord([]), _rows++);
                _inBlock = false;
                if (reader.IsBroken && !await reader.SkipAsync(cancellationToken))
                {
                    Position = Position with { Ended = true };
                    more = false;
                }
            }

            Position = Position with { Rows = _rows, Offset = _inBlock ? reader.BlockOffset : reader.NextOffset, RowGroup = (int)reader.BlockNumber + (_inBlock ? 0 : 1), RowInGroup = _record };
        }

        return more;
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await bytes.DisposeAsync();
    }

    /// <summary>Goes to where the position says. A block that has changed since says so.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (Position.Offset == 0)
            return;
        reader.Seek(Position.Offset, Position.RowGroup);
        if (Position.RowInGroup == 0)
            return;
        await ReadBlockAsync(cancellationToken);
        for (_record = 0; _record < Position.RowInGroup; _record++)
        {
            if (!records.TrySkip(reader.Block.Span, ref _byte, out var error))
                throw Broken(error!);
        }

        _inBlock = _record < reader.BlockRecords;
    }

    public static SourceException Fault(FilePart file, AvroFileException e) =>
        new($"file '{file.Path}': {e.Message}. Repair the file, or set 'onError: skip' to go on behind it.", e);

    private SourceException Fault(AvroFileException e) => Fault(file, e);

    private async ValueTask<bool> ReadBlockAsync(CancellationToken cancellationToken)
    {
        _record = _byte = 0;
        if (reader.NextOffset >= file.End || !await reader.ReadBlockAsync(cancellationToken))
            return false;
        _inBlock = reader.BlockRecords > 0;
        return true;
    }

    private void ReadRecord(EventBatch batch)
    {
        var block = reader.Block.Span;
        var start = _byte;
        var read = records.Read(block, ref _byte, batch.Rows, out var error);
        if (read == BlockRow.Broken)
            throw Broken(error!);
        var record = block[start.._byte];
        _record++;
        var row = _rows++;
        if (read == BlockRow.Refused)
            batch.Reject(new RejectReason(RowRules.Avro, null, error!, $"values that the contract takes"), new InputRecord(records.ToJson(record)), row);
        else if (!batch.TryAddRow(row, out var reason))
            batch.Reject(reason, new InputRecord(records.ToJson(record)), row);
        if (_record < reader.BlockRecords)
            return;
        _record = 0;
        _inBlock = false;
        if (_byte != block.Length)
            throw Corrupt($"{block.Length - _byte} bytes behind the last of its {reader.BlockRecords} records", "none");
    }

    private AvroFileException Broken(string error) => Corrupt($"record {_record} of {reader.BlockRecords} broken ({error})", "records of the file's schema");

    private AvroFileException Corrupt(string found, string expected) =>
        new($"block {reader.BlockNumber} at offset {reader.BlockOffset}: found {found}; expected {expected}", reader.BlockNumber, reader.BlockOffset);
}

/// <summary>Avro object container files.</summary>
internal sealed class AvroFormat(IngestionOptions options) : IFileFormat
{
    public string Name => FileFormats.Avro;

    public async Task<IRowSource> OpenAsync(FilePart file, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var bytes = SourceFile.Open(file.Path);
        AvroFileReader? reader = null;
        try
        {
            reader = await AvroFileReader.OpenAsync(bytes, cancellationToken: cancellationToken);
            var source = new AvroSource(file, bytes, reader, new AvroBlockRows(stream.Contract, reader.Schema), position, options);
            await source.ResumeAsync(cancellationToken);
            return source;
        }
        catch (Exception e)
        {
            if (reader is not null)
                await reader.DisposeAsync();
            await bytes.DisposeAsync();
            if (e is AvroFileException broken)
                throw AvroSource.Fault(file, broken);
            if (e is ContractException other)
                throw new SourceException($"file '{file.Path}': {other.Message}", other);
            throw;
        }
    }
}
