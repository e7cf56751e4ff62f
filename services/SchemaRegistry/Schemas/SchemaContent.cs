using System.Security.Cryptography;
using System.Text;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>What has one id within a context: a document with what was registered beside it.</summary>
/// <param name="Type">Its language.</param>
/// <param name="Text">Its canonical text.</param>
/// <param name="References">Documents it needs.</param>
/// <param name="Metadata">As canonical JSON; null where there is none.</param>
/// <param name="RuleSet">As canonical JSON; null where there is none.</param>
internal sealed record SchemaContent(string Type, string Text, IReadOnlyList<SchemaReference> References, string? Metadata = null, string? RuleSet = null)
{
    /// <summary>A copy has other keys than its model: those are not taken along.</summary>
    private SchemaContent(SchemaContent model) =>
        (Type, Text, References, Metadata, RuleSet) = (model.Type, model.Text, model.References, model.Metadata, model.RuleSet);

    /// <summary>Equal for contents that are the same schema.</summary>
    public string Key => field ??= MakeKey(Metadata);

    /// <summary>As <see cref="Key"/>, but blind to the version number that the registry itself writes into the metadata.</summary>
    public string LookupKey => field ??= Metadata is null ? Key : MakeKey(SchemaMetadata.WithoutVersion(Metadata));

    /// <summary>An id that is the same in every registry.</summary>
    public string Guid => field ??= MakeGuid();

    private string MakeKey(string? metadata)
    {
        var parts = new StringBuilder(Type).Append('\0').Append(metadata).Append('\0').Append(RuleSet).Append('\0');
        foreach (var reference in References)
            parts.Append(reference.Name).Append('\0').Append(reference.Subject).Append('\0').Append(reference.Version).Append('\0');

        // The hash: keys are held for as long as the registry runs, texts are up to megabytes.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(parts.ToString()));
        hash.AppendData(Encoding.UTF8.GetBytes(Text));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private string MakeGuid()
    {
#pragma warning disable CA5351 // An identity that clients know as the MD5 of the text, not a protection.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        hash.AppendData(Encoding.UTF8.GetBytes(Text));
        foreach (var reference in References)
            hash.AppendData(Encoding.UTF8.GetBytes($"{reference.Name}{reference.Subject}{reference.Version}"));

        foreach (var part in new[] { Metadata, RuleSet })
        {
            if (part is null)
                continue;

            hash.AppendData([1]);
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        return new Guid(hash.GetHashAndReset(), bigEndian: true).ToString();
    }
}

/// <summary>A document that another one needs: what it is called there, and where it is registered.</summary>
internal sealed record SchemaReference(string Name, string Subject, int Version);

/// <summary>A schema at its place in a subject.</summary>
/// <param name="Subject">With its context.</param>
/// <param name="Version">From 1.</param>
/// <param name="Id">Within the context.</param>
/// <param name="Content">The schema.</param>
/// <param name="Deleted">Softly: it can still be asked for.</param>
/// <param name="Timestamp">When it was registered, in milliseconds since 1970; 0 where not known.</param>
internal sealed record SubjectVersion(string Subject, int Version, int Id, SchemaContent Content, bool Deleted, long Timestamp);
