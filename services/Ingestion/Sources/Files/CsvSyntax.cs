using System.Text;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Sources.Files;

/// <summary>The characters of a CSV file, as bytes of UTF-8; 0 where there is none.</summary>
internal readonly record struct CsvSyntax(byte Delimiter, byte Quote, byte Escape, byte[] Comment)
{
    public static CsvSyntax Default { get; } = Of(CsvLayout.Default);

    public static CsvSyntax Of(CsvLayout layout) =>
        // An escape that is the quote is a doubled quote, which is always understood.
        new((byte)layout.Delimiter, (byte)layout.Quote, layout.Escape == layout.Quote ? (byte)0 : (byte)layout.Escape, layout.Comment is null ? [] : Encoding.UTF8.GetBytes(layout.Comment));
}
