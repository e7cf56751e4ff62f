using System.Security.Cryptography;
using System.Text;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>One file or folder that is read once into a stream, in place of the sources that pipelines declare.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Topic">The stream: <c>{pipeline}.{stream}</c>.</param>
/// <param name="Format">One of <see cref="FileFormats"/>; null where extensions tell.</param>
/// <param name="OnError">What is done about a file that cannot be read on.</param>
public sealed record AdHocSource(string Path, string Topic, string? Format, FileFaultPolicy OnError)
{
    /// <summary>The pipelines with this source alone. Throws <see cref="RealTimeMeshException"/> where there is no such stream, file or format.</summary>
    public IReadOnlyList<PipelineDefinition> ApplyTo(IReadOnlyList<PipelineDefinition> pipelines)
    {
        var topics = pipelines.SelectMany(pipeline => pipeline.Streams).Select(stream => stream.Topic).ToList();
        if (!topics.Contains(Topic))
        {
            var near = Suggestion.For(Topic, topics);
            throw new RealTimeMeshException($"stream '{Topic}': found no such stream; expected one of {string.Join(", ", topics)}. {(near is null ? "Name one of these." : $"Did you mean '{near}'?")}");
        }

        var source = Definition();
        return [.. pipelines.Select(pipeline => pipeline with { Streams = [.. pipeline.Streams.Select(stream => stream with { Sources = stream.Topic == Topic ? [source] : [] })] })];
    }

    private SourceDefinition Definition()
    {
        if (Format is not null && !FileFormats.All.Contains(Format))
            throw new RealTimeMeshException($"format: found '{Format}'; expected one of {string.Join(", ", FileFormats.All)}. Name one of these.");
        var isFolder = Directory.Exists(Path);
        if (!isFolder && !File.Exists(Path))
            throw new RealTimeMeshException($"'{Path}': found no such file or folder; expected one to read. Correct the path.");
        var format = Format ?? (isFolder ? null : FileFormats.Of(Path));
        if (!isFolder && format is null)
            throw new RealTimeMeshException($"file '{Path}': found an extension that names no format; expected {string.Join(", ", FileFormats.All)}. Add --format.");
        // Its position is kept under its path: what was read is not read again.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..12];
        var source = new SourceDefinition { Name = $"ingest-{hash}", Format = format, OnError = OnError };
        return isFolder
            ? source with { Folder = new FolderDefinition { Path = Path, Recursive = true, Watch = false, Settle = TimeSpan.Zero } }
            : source with { File = Path };
    }
}
