using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Editing;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Showing;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics;
using RealTimeMesh.Topics.Browsing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>What requests need to read, show and check letters.</summary>
internal sealed class Desk(DeadLettersSetup setup, SchemaSource registry, StreamChecks streams, IDeadLetterStore store)
{
    public StreamChecks Streams => streams;

    private SchemaRegistryClient? Registry => registry.Client;

    /// <summary>Shows personal fields. Who is let in without a token is only known to be on this machine: that is not enough.</summary>
    public LetterShower Unmasked() => string.IsNullOrEmpty(setup.AdminToken)
        ? throw Refuse.Invalid("unmask", "no MESH_ADMIN_TOKEN", "one, brought by whoever sees personal fields", "set it and send it as a bearer token")
        : Shower(masked: false);

    public LetterShower Shower(bool masked = true) => new(new MessageDecoder(Registry, "auto", masked), streams, masked);

    public LetterEditor Editor() => new(new MessageDecoder(Registry, "auto", masked: false), streams);

    public LetterChecks Checks() => new(new MessageDecoder(Registry, "auto", masked: false), new DoorRules(Registry));

    /// <summary>The part of a filter that indexes cannot decide: the text. Decoding waits where a schema is not known yet, so this is for the store's reading thread only.</summary>
    public Func<StoredLetter, bool>? Admits(LetterFilter filter)
    {
        if (string.IsNullOrEmpty(filter.Text))
            return null;
        var shower = Shower(masked: true);
        return letter => shower.ContainsAsync(letter, filter.Text, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    public async Task<StoredLetter> FindAsync(string id, CancellationToken cancellationToken) =>
        (LetterPlace.Parse(id) is { } place ? await store.FindAsync(place, cancellationToken) : null)
        ?? throw Refuse.Missing($"letter '{id}'", "one that was collected and is kept (TOPIC:PARTITION:OFFSET)", "list letters");
}
