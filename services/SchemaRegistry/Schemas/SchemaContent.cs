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
    private TextDigest? _digest;

    /// <summary>A copy has other keys than its model: those are not taken along.</summary>
    private SchemaContent(SchemaContent model) =>
        (Type, Text, References, Metadata, RuleSet, _digest) = (model.Type, model.Text, model.References, model.Metadata, model.RuleSet, model._digest);

    /// <summary>Equal for contents that are the same schema.</summary>
    public string Key => field ??= MakeKey(Metadata);

    /// <summary>As <see cref="Key"/>, but blind to the version number that the registry itself writes into the metadata.</summary>
    public string LookupKey => field ??= Metadata is null ? Key : MakeKey(SchemaMetadata.WithoutVersion(Metadata));

    /// <summary>An id that is the same in every registry.</summary>
    public string Guid => field ??= MakeGuid();

    // Texts are up to megabytes: what differs only beside the text shares the text's digest.
    private TextDigest Digest => _digest is { } known && ReferenceEquals(known.Text, Text) ? known : _digest = new TextDigest(Text);

    private string MakeKey(string? metadata)
    {
        var parts = new StringBuilder(Type).Append('\0').Append(metadata).Append('\0').Append(RuleSet).Append('\0');
        foreach (var reference in References)
            parts.Append(reference.Name).Append('\0').Append(reference.Subject).Append('\0').Append(reference.Version).Append('\0');

        // The hash: keys are held for as long as the registry runs.
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(parts.Append(Digest.Value).ToString())));
    }

    private string MakeGuid()
    {
#pragma warning disable CA5351 // An identity that clients know as the MD5 of the text, not a protection.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        TextDigest.Append(hash, Text);
        foreach (var reference in References)
            TextDigest.Append(hash, $"{reference.Name}{reference.Subject}{reference.Version}");

        foreach (var part in new[] { Metadata, RuleSet })
        {
            if (part is null)
                continue;

            hash.AppendData([1]);
            TextDigest.Append(hash, part);
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
