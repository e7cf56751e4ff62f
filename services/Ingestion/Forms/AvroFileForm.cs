using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>One event as an Avro file of one record: what is kept of a record that came in a file, and so comes back.</summary>
internal static class AvroFileForm
{
    private const string Expected = "an Avro file of one record";

    public static ReadOnlySpan<byte> Magic => "Obj\u0001"u8;

    public static bool TryAppend(AvroContract contract, ReadOnlySpan<byte> file, ColumnBatch rows, out RowFault fault)
    {
        try
        {
            var (schema, block, records) = Read(file.ToArray());
            if (records != 1)
            {
                fault = new RowFault("", RowRules.Framing, $"an Avro file of {records} records in its first block", Expected);
                return false;
            }

            return contract.Resolve(schema).TryReadRow(block.Span, rows, out fault);
        }
        catch (AvroFileException e)
        {
            fault = new RowFault("", RowRules.Framing, e.Message, Expected);
        }
        catch (ContractException e)
        {
            fault = new RowFault("", RowRules.Schema, e.Message, $"a schema that contract '{contract.Name}' can read");
        }

        return false;
    }

    /// <summary>Reads from memory, so that nothing is waited for.</summary>
    private static (AvroSchema Schema, ReadOnlyMemory<byte> Block, long Records) Read(byte[] file)
    {
        var reading = ReadAsync(file);
        return reading.IsCompleted ? reading.GetAwaiter().GetResult() : throw new InvalidOperationException("a read from memory waits; expected none to");
    }

    private static async Task<(AvroSchema Schema, ReadOnlyMemory<byte> Block, long Records)> ReadAsync(byte[] file)
    {
        var limits = new AvroFileOptions { MaxStoredBytes = file.Length, MaxUnpackedBytes = 1024 * 1024, MaxHeaderBytes = file.Length };
        await using var reader = await AvroFileReader.OpenAsync(new MemoryStream(file), limits);
        if (!await reader.ReadBlockAsync())
            return (reader.Schema, default, 0);
        var block = reader.Block.ToArray();
        var records = reader.BlockRecords;
        return (reader.Schema, block, await reader.ReadBlockAsync() ? records + reader.BlockRecords : records);
    }
}
