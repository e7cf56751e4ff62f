using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>Files of separated values.</summary>
internal sealed class CsvFormat(IngestionOptions options) : IFileFormat
{
    public string Name => FileFormats.Csv;

    public async Task<IRowSource> OpenAsync(FilePart file, StreamSpec stream, SourcePosition position, CancellationToken cancellationToken)
    {
        var layout = file.Csv;
        var syntax = CsvSyntax.Of(layout);
        var text = await TextFile.OpenAsync(file with { From = 0 }, layout.Encoding, 0, cancellationToken);
        var records = new CsvRecords(text, options, syntax);
        try
        {
            // The header stands at the file's beginning, wherever reading goes on.
            var header = layout.Header ? await ReadHeaderAsync(file.Path, records, syntax, cancellationToken) : [];
            if (header.Length > 0 && layout.Columns.Count > 0 && header.Length != layout.Columns.Count)
                throw new SourceException($"file '{file.Path}': header: found {header.Length} columns; expected the {layout.Columns.Count} of 'columns'. Correct one of them.");
            var columns = new CsvColumns(file.Path, layout.Columns.Count > 0 ? layout.Columns : header, stream.Contract.Rows, layout);
            var offset = Math.Max(position.Offset, file.From);
            if (offset > 0)
            {
                records.Dispose();
                await text.DisposeAsync();
                text = await TextFile.OpenAsync(file, layout.Encoding, offset, cancellationToken);
                records = new CsvRecords(text, options, syntax, offset);
            }

            return new CsvSource(text, records, columns, position, options);
        }
        catch
        {
            records.Dispose();
            await text.DisposeAsync();
            throw;
        }
    }

    private static async Task<string[]> ReadHeaderAsync(string path, CsvRecords records, CsvSyntax syntax, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryReadHeader(path, records, syntax, out var header))
                return header;
            if (!await records.FillAsync(cancellationToken))
                throw new SourceException($"file '{path}': found no line; expected a header with the column names. Add one.");
        }
    }

    private static bool TryReadHeader(string path, CsvRecords records, CsvSyntax syntax, out string[] header)
    {
        header = [];
        if (!records.TryRead(out var record))
            return false;
        var fields = new CsvFields(syntax);
        if (fields.Split(record.Bytes) is { } broken)
            throw new SourceException($"file '{path}': header: found {broken.Found}; expected {broken.Expected}. Correct the first line.");
        header = new string[fields.Count];
        for (var i = 0; i < header.Length; i++)
            header[i] = fields[i].Trim().ToString();
        return true;
    }
}
