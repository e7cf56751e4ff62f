using System.Globalization;
using System.Text;

namespace RealTimeMesh.Contracts.Containers;

/// <summary>
/// Reads an Avro file (Avro 1.12, "Object Container Files") block by block, from any stream: one block is in memory at a
/// time. A block that breaks the format is an <see cref="AvroFileException"/>; <see cref="SkipAsync"/> then goes to the
/// next one. Not thread-safe.
/// </summary>
public sealed class AvroFileReader : IAsyncDisposable
{
    private const int SyncLength = 16;

    private readonly AvroFileOptions _options;
    private readonly ByteWindow _window;
    private readonly UnpackedBlock _unpacked;
    private readonly byte[] _sync = new byte[SyncLength];
    private IBlockCodec _codec = new NullCodec();
    private long _firstBlock;
    private bool _broken;

    private AvroFileReader(Stream stream, AvroFileOptions options)
    {
        _options = options;
        _window = new ByteWindow(stream);
        _unpacked = new UnpackedBlock(options.MaxUnpackedBytes);
    }

    /// <summary>The schema its records were written with.</summary>
    public AvroSchema Schema { get; private set; } = null!;

    /// <summary>The schema's document as it stands in the file.</summary>
    public string SchemaText { get; private set; } = "";

    /// <summary>Name of the codec.</summary>
    public string Codec => _codec.Name;

    /// <summary>Records of the current block, one behind the other.</summary>
    public ReadOnlyMemory<byte> Block => _unpacked.Bytes;

    /// <summary>How many records the current block holds.</summary>
    public long BlockRecords { get; private set; }

    /// <summary>Number of the current block, from 0; -1 before the first.</summary>
    public long BlockNumber { get; private set; } = -1;

    /// <summary>Offset in the file where the current block begins, for <see cref="Seek"/>.</summary>
    public long BlockOffset { get; private set; }

    /// <summary>Offset in the file where the next block begins.</summary>
    public long NextOffset => _window.Offset;

    /// <summary>The last block broke the format; only <see cref="SkipAsync"/> goes on.</summary>
    public bool IsBroken => _broken;

    /// <summary>Reads the header. The stream is not disposed by the reader. Throws <see cref="AvroFileException"/> where it is no Avro file, or one of an unknown codec.</summary>
    public static async ValueTask<AvroFileReader> OpenAsync(Stream stream, AvroFileOptions? options = null, CancellationToken cancellationToken = default)
    {
        var reader = new AvroFileReader(stream, options ?? new AvroFileOptions());
        try
        {
            await reader.ReadHeaderAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to a block that an earlier reader of the same file has told. The stream must be able to seek.</summary>
    public void Seek(long blockOffset, long blockNumber)
    {
        _window.Seek(Math.Max(blockOffset, _firstBlock));
        BlockNumber = blockNumber - 1;
        _broken = false;
    }

    /// <summary>Reads the next block. False at the end of the file. Throws <see cref="AvroFileException"/> where the block is broken off or corrupt.</summary>
    public async ValueTask<bool> ReadBlockAsync(CancellationToken cancellationToken = default)
    {
        if (_broken)
            throw new InvalidOperationException("the block before is broken: skip it first");
        BlockOffset = _window.Offset;
        if (!await _window.HasAsync(1, cancellationToken))
            return false;
        BlockNumber++;
        BlockRecords = 0;
        _broken = true;
        var (records, at) = await LongAsync(0, cancellationToken);
        var (length, width) = await LongAsync(at, cancellationToken);
        at += width;
        if (records < 0)
            throw Corrupt($"a count of {records} records", "0 or more");
        if (length < 0 || length > _options.MaxStoredBytes)
            throw Corrupt($"a length of {length} bytes", $"0 to {_options.MaxStoredBytes}");
        if (!await _window.HasAsync(at + (int)length + SyncLength, cancellationToken))
            throw Corrupt($"the end of the file after {_window.Available - at} of {length + SyncLength} bytes", "the whole block and its sync marker");
        if (!_window.Slice(at + (int)length, SyncLength).Span.SequenceEqual(_sync))
            throw Corrupt("other bytes behind the block", "the file's sync marker");
        if (_codec.Unpack(_window.Slice(at, (int)length), _unpacked) is { } wrong)
            throw Corrupt(wrong, $"a block of codec {_codec.Name}");
        // A record of no fields takes no byte: only then may there be more records than bytes.
        if (records > _unpacked.Bytes.Length && _unpacked.Bytes.Length > 0 || records > _options.MaxUnpackedBytes)
            throw Corrupt($"a count of {records} records in {_unpacked.Bytes.Length} bytes", "at least one byte each");
        _window.ConsumeLater(at + (int)length + SyncLength);
        BlockRecords = records;
        _broken = false;
        return true;
    }

    /// <summary>After a broken block: goes behind the next sync marker. False where there is none up to the end of the file.</summary>
    public async ValueTask<bool> SkipAsync(CancellationToken cancellationToken = default)
    {
        _broken = false;
        return await _window.FindAsync(_sync, cancellationToken);
    }

    /// <summary>What has been read of a broken block and behind it, at most so many bytes; empty where nothing is broken.</summary>
    public ReadOnlyMemory<byte> Rest(int most) => _broken ? _window.Slice(0, Math.Min(most, _window.Available)) : default;

    public ValueTask DisposeAsync()
    {
        _window.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (!await _window.HasAsync(4, cancellationToken) || !_window.Slice(0, 4).Span.SequenceEqual("Obj\u0001"u8))
            throw Header($"{(_window.Available == 0 ? "no bytes" : $"bytes {Convert.ToHexStringLower(_window.Slice(0, Math.Min(4, _window.Available)).Span)}")}", "4f626a01, the first bytes of an Avro file");
        var metadata = await MetadataAsync(4, cancellationToken);
        if (!metadata.TryGetValue("avro.schema", out var schema))
            throw Header("no 'avro.schema' in its metadata", "the schema of its records");
        var codec = metadata.TryGetValue("avro.codec", out var name) ? Encoding.UTF8.GetString(name) : "null";
        _codec = BlockCodecs.Find(codec) ?? throw Header($"codec '{codec}'", $"one of {BlockCodecs.Names}");
        try
        {
            SchemaText = Encoding.UTF8.GetString(schema);
            Schema = AvroSchema.Parse(SchemaText);
        }
        catch (ContractException e)
        {
            throw new AvroFileException($"header: found a schema that cannot be read: {e.Message}", -1, 0, e);
        }
    }

    private async ValueTask<Dictionary<string, byte[]>> MetadataAsync(int at, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (true)
        {
            var (count, width) = await LongAsync(at, cancellationToken);
            at += width;
            if (count == 0)
                break;
            if (count < 0)
            {
                count = -count;
                at += (await LongAsync(at, cancellationToken)).Length;
            }

            if (count < 0 || count > _options.MaxHeaderBytes)
                throw Header($"{count} entries of metadata", $"at most {_options.MaxHeaderBytes} bytes of header");
            for (; count > 0; count--)
            {
                (var key, at) = await TextAsync(at, cancellationToken);
                (var value, at) = await TextAsync(at, cancellationToken);
                metadata[Encoding.UTF8.GetString(key)] = value;
            }
        }

        if (!await _window.HasAsync(at + SyncLength, cancellationToken))
            throw Header("its end", "16 bytes of sync marker");
        _window.Slice(at, SyncLength).CopyTo(_sync);
        _firstBlock = at + SyncLength;
        _window.ConsumeLater(at + SyncLength);
        return metadata;
    }

    private async ValueTask<(byte[] Bytes, int Next)> TextAsync(int at, CancellationToken cancellationToken)
    {
        var (length, width) = await LongAsync(at, cancellationToken);
        at += width;
        if (length < 0 || at + length > _options.MaxHeaderBytes)
            throw Header($"a text of {length} bytes", $"at most {_options.MaxHeaderBytes} bytes of header");
        if (!await _window.HasAsync(at + (int)length, cancellationToken))
            throw Header($"the end of the file after {_window.Available} bytes", "the whole header");
        return (_window.Slice(at, (int)length).ToArray(), at + (int)length);
    }

    private async ValueTask<(long Value, int Length)> LongAsync(int at, CancellationToken cancellationToken)
    {
        ulong bits = 0;
        for (var i = 0; i < 10; i++)
        {
            if (!await _window.HasAsync(at + i + 1, cancellationToken))
                throw Corrupt($"the end of the file after {_window.Available} bytes", "a whole number");
            var b = _window.Slice(at + i, 1).Span[0];
            bits |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
                return ((long)(bits >> 1) ^ -(long)(bits & 1), i + 1);
        }

        throw Corrupt("a number of more than 10 bytes", "at most 10");
    }

    private AvroFileException Corrupt(string found, string expected) => _firstBlock == 0
        ? Header(found, expected)
        : new(string.Create(CultureInfo.InvariantCulture, $"block {BlockNumber} at offset {BlockOffset}: found {found}; expected {expected}"), BlockNumber, BlockOffset);

    private static AvroFileException Header(string found, string expected) => new($"header: found {found}; expected {expected}", -1, 0);
}
