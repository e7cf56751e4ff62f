using Microsoft.AspNetCore.Http;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Containers;
using RealTimeMesh.Ingestion.Forms;
using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>Takes an Avro object container file as it comes: one block is held at a time. Its schema is the writer's.</summary>
internal sealed class AvroFileEvents(IngestionOptions options, TimeProvider time)
{
    public async Task<IResult> ReadAsync(EventsRequest request, BodyBuffer body, CancellationToken cancellationToken)
    {
        var contract = request.Stream.Spec.Contract;
        var limits = new AvroFileOptions { MaxStoredBytes = options.MaxJsonBodyBytes, MaxUnpackedBytes = options.MaxJsonBodyBytes };
        var batches = new RequestBatches(request, options, time, PayloadForms.AvroTypes[0]);
        var source = new BufferedBody(body, options.KeepHeadBytes);
        AvroFileReader? file = null;
        try
        {
            return await batches.ReadAsync(ReadFileAsync, "body: found an Avro file without records; expected at least one.", cancellationToken);
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync();
        }

        async Task<IResult?> ReadFileAsync()
        {
            try
            {
                file = await AvroFileReader.OpenAsync(source, limits, cancellationToken);
                source.ForgetHead();
                await ReadBlocksAsync(request, file, new AvroBlockRows(contract, file.Schema), new FieldDomain(contract.Rows), batches, cancellationToken);
                return null;
            }
            catch (AvroFileException e)
            {
                // The bytes that can't be read are kept as far as they are there.
                var rest = file?.Rest(options.KeepHeadBytes) ?? source.Head;
                batches.Stop(new RowFault("", RowRules.Framing, e.Message, "an Avro file"), new InputRecord(rest.Span));
                return null;
            }
            catch (ContractException e)
            {
                return new ErrorResult(StatusCodes.Status422UnprocessableEntity, RowRules.Schema, $"file: {e.Message}");
            }
        }
    }

    private async Task ReadBlocksAsync(EventsRequest request, AvroFileReader file, AvroBlockRows rows, FieldDomain domain, RequestBatches batches, CancellationToken cancellationToken)
    {
        var largest = 0;
        while (batches.Open && await batches.ArrivedAsync(file.ReadBlockAsync(cancellationToken), cancellationToken))
        {
            // Records without fields take no bytes: a few bytes could claim millions of events.
            if (file.BlockRecords > file.Block.Length)
            {
                batches.Stop(new RowFault("", RowRules.Framing, $"block {file.BlockNumber}: {file.BlockRecords} records in {file.Block.Length} bytes", "at least one byte each"), new InputRecord(file.Block.Span));
                return;
            }

            // The file keeps its largest block's buffers, packed and unpacked.
            if (file.Block.Length > largest)
            {
                request.Memory.Take(2 * (file.Block.Length - largest));
                largest = file.Block.Length;
            }

            var offset = 0;
            for (var left = file.BlockRecords; left > 0 && batches.Open; left--)
            {
                if (!Add(file, rows, domain, batches, ref offset))
                    return;
                if (batches.BatchIsFull)
                    await batches.FlushAsync(cancellationToken);
            }

            if (batches.Open && offset < file.Block.Length)
            {
                var more = file.Block.Length - offset;
                batches.Stop(new RowFault("", RowRules.Framing, $"block {file.BlockNumber}: {more} bytes behind its {file.BlockRecords} records", "no more bytes than the block's records take"), new InputRecord(file.Block.Span[offset..]));
                return;
            }
        }
    }

    /// <summary>Adds the record at an offset. False where it can't be told where the next one begins.</summary>
    private bool Add(AvroFileReader file, AvroBlockRows rows, FieldDomain domain, RequestBatches batches, ref int offset)
    {
        var batch = batches.Fill();
        var start = offset;
        var outcome = rows.ReadRow(file.Block.Span, ref offset, batch.Rows, out var fault);
        if (outcome == BlockRow.Broken)
        {
            batches.Stop(fault with { Rule = RowRules.Framing, Found = $"block {file.BlockNumber}, {fault.Found}" }, new InputRecord(file.Block.Span[start..]));
            return false;
        }

        var record = file.Block.Span[start..offset];
        if (!TryTake(batch, record, outcome == BlockRow.Row, fault, domain, batches.Count, out var reason))
        {
            // A record alone says nothing of its schema: what is kept is a file of one record.
            batch.Reject(reason, new InputRecord(AvroFileWriter.OneRecord(file.SchemaText, record)), batches.Count);
        }

        batches.Added(1, record.Length);
        return true;
    }

    /// <summary>Takes the row that was just read, if one was.</summary>
    private bool TryTake(EventBatch batch, ReadOnlySpan<byte> record, bool read, RowFault fault, FieldDomain domain, long position, out RejectReason reason)
    {
        if (read && record.Length > options.MaxEventBytes)
        {
            batch.Rows.Truncate(batch.Rows.Count - 1);
            reason = batch.TooLarge(record.Length);
            return false;
        }

        if (read && domain.Admits(batch.Rows, out fault))
            return batch.TryAddRow(position, out reason);
        reason = EventBatch.From(fault);
        return false;
    }
}
